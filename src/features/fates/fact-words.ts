import type { FactAnswer, FactAnswers, FactRole } from '../../state/fates-state.ts';
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

/** What a regime says on this device, as the readout prints it. */
export function toAnswerText(answer: FactAnswer): string {
  switch (answer.status) {
    case 'asking':
      return 'asking';
    case 'failed':
      return 'could not be asked';
    case 'done':
      return `${answer.text === '' ? '(empty answer)' : answer.text}, ${formatProbability(answer.probability)}`;
    default:
      return answer satisfies never;
  }
}

/** The answers of this device as the map speaks them: all at once, when the last of so many regimes has answered. */
export function toSpokenAnswers({ answers, key }: FactAnswers, regimes: number): string {
  const all = [...answers];
  if (all.length < regimes || all.some(([, { status }]) => status === 'asking')) return '';
  const said = all.map(([role, answer]) => {
    const isRight = answer.status === 'done' && answer.isRight !== null ? (answer.isRight ? ', right' : ', wrong') : '';
    return `${toRoleLabel(role, key)}: ${toAnswerText(answer)}${isRight}`;
  });
  return `On this device. ${said.join('. ')}.`;
}
