import * as z from 'zod/mini';
import { LINEAR_NAMES } from '../core/checkpoint/checkpoint.ts';
import { METHOD_IDS } from '../core/compress/levels.ts';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import { REGIME_KEYS } from '../core/recover/regime.ts';
import { count, estimate, parseRecordedFile, recordedSource, share, whole } from './recorded-fields.ts';
import { WHOLE_LAYER } from './sweep-plan.ts';
import type { SweepResults } from './sweep-state.ts';

const accuracy = z.nullable(estimate(share));
/** In nats. */
const divergence = z.nullable(estimate(count));

const point = z.object({
  recipe: z.unknown(),
  method: z.nullable(z.enum(METHOD_IDS)),
  level: z.nullable(z.number()),
  regime: z.enum(REGIME_KEYS),
  label: z.string(),
  transferredFrom: z.nullable(z.string()),
  storedBytes: count,
  accuracy,
  perplexity: z.nullable(estimate(z.number().check(z.minimum(1)))),
  klDivergence: divergence,
  sameTop: accuracy,
});

const sweep = z.object({
  version: z.literal(1),
  source: recordedSource,
  points: z.array(point),
  sensitivity: z.nullable(
    z.object({
      recipe: z.unknown(),
      label: z.string(),
      cells: z.array(
        z.object({
          layer: whole,
          matrix: z.enum([WHOLE_LAYER, ...LINEAR_NAMES]),
          accuracy,
          klDivergence: divergence,
        }),
      ),
    }),
  ),
});

/** `recorded/sweep.json` of a pack; throws `pack-invalid` naming the file and the first bad field, or `recipe-invalid`. */
export function parseSweep(bytes: Uint8Array, fileName: string): SweepResults {
  const { source, points, sensitivity } = parseRecordedFile(sweep, bytes, fileName);
  return {
    source,
    points: points.map((each) => ({ ...each, recipe: each.recipe === null ? null : parseRecipe(each.recipe) })),
    sensitivity: sensitivity && { ...sensitivity, recipe: parseRecipe(sensitivity.recipe) },
  };
}
