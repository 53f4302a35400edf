import * as z from 'zod/mini';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import { TIME_PHASES } from '../core/eval/compare-times.ts';
import { REGIME_KEYS } from '../core/recover/regime.ts';
import {
  change,
  estimate,
  latency,
  parseRecordedFile,
  recordedSource,
  regimeSize,
  share,
  whole,
} from './recorded-fields.ts';
import { hideRecovered } from './result-sets.ts';
import type { RecordedResults } from './results.ts';

const accuracy = estimate(share);
/** A difference of two shares. */
const difference = estimate(z.number().check(z.minimum(-1), z.maximum(1)));
/** A share of the damage: below 0 where a repair harms, above 1 where it overshoots. */
const recovered = estimate(z.number());

const row = z.object({
  key: z.enum(REGIME_KEYS),
  isTransferred: z._default(z.boolean(), false),
  isOneTwin: z._default(z.boolean(), false),
  accuracy: z.object({
    all: z.nullable(accuracy),
    seen: z.nullable(accuracy),
    heldOut: z.nullable(accuracy),
    control: z._default(z.nullable(accuracy), null),
  }),
  recovered: z.nullable(recovered),
  latency: z.nullable(latency),
  size: z.nullable(regimeSize),
});

const side = z.object({ key: z.enum(REGIME_KEYS), exposure: z.enum(['held-out', 'seen']) });
/** Files leave out what is not so, or is not there. */
const timeComparison = z.object({
  phase: z.enum(TIME_PHASES),
  first: side,
  second: side,
  isExploratory: z._default(z.boolean(), false),
  difference: z
    .object({
      value: change,
      low: change,
      high: change,
      method: z._default(z.literal('round-bootstrap'), 'round-bootstrap'),
    })
    .check(z.refine(({ low, high }) => low <= high)),
  p: share,
  adjustedP: z._default(z.nullable(share), null),
  items: whole,
  subjects: z._default(z.null(), null),
  isEarly: z._default(z.boolean(), false),
  isDecided: z._default(z.boolean(), false),
  sampleSize: z._default(z.nullable(z.object({ difference: share, needed: whole, have: whole })), null),
});

const recorded = z.object({
  version: z.literal(1),
  recipeId: z.string(),
  source: recordedSource,
  recipe: z.unknown(),
  recipeLabel: z.string(),
  damage: z.nullable(difference),
  rows: z.array(row),
  // Files recorded before single runs were paired are without.
  timeComparisons: z._default(z.nullable(z.array(timeComparison)), null),
});

/** `recorded/<id>.json` of a pack, its rows in the order of the board; throws `pack-invalid` naming the file and the first bad field. */
export function parseRecorded(bytes: Uint8Array, fileName: string): RecordedResults {
  const data = parseRecordedFile(recorded, bytes, fileName);
  const rows = REGIME_KEYS.flatMap((key) => data.rows.filter((each) => each.key === key).slice(0, 1));
  return { ...data, recipe: parseRecipe(data.recipe), rows: hideRecovered(rows, data.damage) };
}
