import type { OutcomeSet } from '../../state/outcome-set.ts';
import type { TrainedKey } from '../../state/regimes.ts';
import type { FigureExport } from '../../ui/charts/figure-export.ts';
import { type FactRow, toFigures } from './fact-rows.ts';

const ROLES = ['dense', 'compressed', 'repair that never saw it', 'repair that saw it'];

/** The map as files carry it: one row a fact, with the right question forms and the probability under each regime. */
export function toFactExport(pack: string, set: OutcomeSet, key: TrainedKey, rows: readonly FactRow[]): FigureExport {
  return {
    pack,
    measure: `fact-map-${key}`,
    date: set.source.date,
    columns: [
      ...['fact', 'domain', 'relation', 'subject', 'answer', 'fold', 'repair', 'fate'].map((name) => ({ name })),
      ...ROLES.flatMap((role) => [
        { name: `${role}: right`, unit: 'questions' },
        { name: `${role}: probability`, unit: 'share' },
      ]),
    ],
    rows: rows.map((row) => {
      const { fact, relation, fate } = row;
      return [
        ...[fact.id, relation.domain, relation.id, fact.subject, fact.answer, fact.fold, key, fate],
        ...toFigures(set, key, row).flatMap(({ forms, probability }) => [
          forms.filter((form) => form === true).length,
          probability,
        ]),
      ];
    }),
  };
}
