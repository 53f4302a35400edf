import type { FactRole } from '../../state/fates-state.ts';
import type { TrainedKey } from '../../state/regimes.ts';
import { toFateLook } from '../../ui/fate-look.ts';
import { formatProbability } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import type { FactFigures, FactRow } from './fact-rows.ts';

/** A regime's part in the fate of a fact. */
export function toRoleLabel(role: FactRole, key: TrainedKey): string {
  switch (role) {
    case 'dense':
      return 'Dense';
    case 'variant':
      return 'Compressed';
    case 'heldOut':
      return `${toRegimeLook(key).label}, never saw it`;
    case 'seen':
      return `${toRegimeLook(key).label}, saw it`;
    default:
      return role satisfies never;
  }
}

/** `2 of 3`. */
export function toFormsText({ forms }: FactFigures): string {
  return `${forms.filter((form) => form === true).length} of ${forms.length}`;
}

/** A fact as the map speaks it. */
export function toSpoken({ fact, relation, fate }: FactRow, figures: readonly FactFigures[], key: TrainedKey): string {
  const parts = figures.map(
    (each) => `${toRoleLabel(each.role, key)} ${toFormsText(each)} right, ${formatProbability(each.probability)}`,
  );
  return `${fact.subject}, ${relation.label}: ${fact.answer}. ${toFateLook(fate).label}. ${parts.join('. ')}.`;
}
