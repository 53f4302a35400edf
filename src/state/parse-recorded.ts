import * as z from 'zod/mini';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import { AppError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import { REGIME_KEYS } from '../core/recover/regime.ts';
import type { RecordedResults } from './results.ts';

const share = z.number().check(z.minimum(0), z.maximum(1));
const count = z.number().check(z.minimum(0));
const whole = z.int().check(z.minimum(0));

function estimate(value: z.ZodMiniType<number>) {
  const fields = { value, low: value, high: value, n: whole };
  return z.object(fields).check(z.refine(({ low, high }) => low <= high));
}

const accuracy = estimate(share);
/** A difference of two shares. */
const difference = estimate(z.number().check(z.minimum(-1), z.maximum(1)));
/** A share of the damage: below 0 where a repair harms, above 1 where it overshoots. */
const recovered = estimate(z.number());
const duration = estimate(count);

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
  latency: z.nullable(z.object({ ttftMs: duration, perTokenMs: z.nullable(duration), routingMs: count })),
  size: z.nullable(
    z.object({
      storedBytes: count,
      runtimeBytes: count,
      sparsity: share,
      bitsPerWeight: count,
      extraParameters: whole,
      repairParameters: whole,
    }),
  ),
});

const recorded = z.object({
  version: z.literal(1),
  recipeId: z.string(),
  source: z.object({
    kind: z.literal('recorded'),
    device: z.string(),
    deviceKind: z.enum(['webgpu', 'wasm']),
    isSoftware: z.boolean(),
    date: z.string(),
  }),
  recipe: z.unknown(),
  recipeLabel: z.string(),
  damage: z.nullable(difference),
  rows: z.array(row),
});

/** `recorded/<id>.json` of a pack, its rows in the order of the board; throws `pack-invalid` naming the file and the first bad field. */
export function parseRecorded(bytes: Uint8Array, fileName: string): RecordedResults {
  const parsed = recorded.safeParse(parseJson(bytes, fileName, 'pack-invalid'));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join('.') ?? '';
    throw new AppError(
      'pack-invalid',
      `The recorded results "${fileName}" are damaged at "${field}": ${issue?.message ?? 'not as expected'}. Reload the page; if it stays, the pack must be made again.`,
      { field, file: fileName, raw: JSON.stringify(issue ?? null) },
    );
  }
  const { data } = parsed;
  const rows = REGIME_KEYS.flatMap((key) => data.rows.filter((each) => each.key === key).slice(0, 1));
  return { ...data, recipe: parseRecipe(data.recipe), rows };
}
