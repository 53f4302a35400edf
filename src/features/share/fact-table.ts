import { toRecipeLabel } from '../../core/compress/recipe-key.ts';
import { type OutcomeSet, type RegimeOutcomes, toFates, toForms } from '../../state/outcome-set.ts';
import { TRAINED_KEYS } from '../../state/regimes.ts';
import type { ExportCell, FigureExport } from '../../ui/charts/figure-export.ts';
import { SOURCE_COLUMNS, toSourceCells } from '../../ui/source-columns.ts';

const FACT_COLUMNS = ['recipe', 'fact', 'domain', 'relation', 'subject', 'answer', 'fold', 'questions'];

/** Every fact that was asked, control subjects too: its fate under each type of repair, and what every regime made of its questions. */
export function toFactTable(pack: string, set: OutcomeSet): FigureExport {
  const { source, recipe, plan, regimes } = set;
  const recipeLabel = toRecipeLabel(recipe);
  const sourceCells = toSourceCells(source);
  const fates = TRAINED_KEYS.map((key) => ({ key, of: toFates(set, key) })).filter(({ of }) => of.size > 0);
  return {
    pack,
    measure: `facts-${source.kind}`,
    date: null,
    columns: [
      ...FACT_COLUMNS.map((name) => ({ name })),
      ...fates.map(({ key }) => ({ name: `fate under ${key}` })),
      ...regimes.flatMap((regime) => [
        { name: `${toName(regime)}: right`, unit: 'questions' },
        { name: `${toName(regime)}: probability`, unit: 'share' },
      ]),
      ...SOURCE_COLUMNS,
    ],
    rows: plan.facts.map((planned, index) => {
      const { id, domain, relation, subject, answer, fold } = planned.fact;
      return [
        ...[recipeLabel, id, domain, relation, subject, answer, fold, planned.forms],
        ...fates.map(({ of }) => of.get(id) ?? null),
        ...regimes.flatMap((regime): ExportCell[] => {
          const asked = toForms(regime, planned).filter((form) => form !== null);
          const right = asked.length === 0 ? null : asked.filter((form) => form).length;
          return [right, regime.probabilities?.[index] ?? null];
        }),
        ...sourceCells,
      ];
    }),
  };
}

/** Such as `idp trained on A` or `prompt trained on B, shuffled answers`. */
function toName({ key, fold, isShuffled }: RegimeOutcomes): string {
  return `${key}${fold === null ? '' : ` trained on ${fold}`}${isShuffled ? ', shuffled answers' : ''}`;
}
