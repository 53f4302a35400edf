import * as z from 'zod/mini';
import type { Side } from '../core/eval/comparisons.ts';
import { type CountedComparison, meanDifference } from '../core/eval/counted-comparison.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import { parseRecordedFile, share, whole } from './recorded-fields.ts';
import type { Estimate } from './results.ts';
import {
  type RecordedTransfer,
  TRANSFER_KEY,
  TRANSFER_TYPES,
  type TransferPlace,
  type TransferRoute,
} from './transfer-state.ts';

/** The exact test takes time with subjects times questions, the family grows with the square of the recipes; a file may ask for seconds, not minutes. */
const MAX_QUESTIONS = 20_000;
const MAX_RECIPES = 16;
/** Most questions by which one subject may differ: more than any has. */
const MAX_DIFFERENCE = 256;
/** Bounds are written with five digits. */
const ROUNDING = 1e-5;

const MIDDLE_OUTSIDE = 'a value outside of its interval';

const interval = z
  .tuple([share, share, share])
  .check(z.refine(([value, low, high]) => low <= value && value <= high, MIDDLE_OUTSIDE));

const bound = z.number().check(z.minimum(-1), z.maximum(1));
const difference = z.tuple([
  bound,
  bound,
  z.int().check(z.minimum(-MAX_DIFFERENCE), z.maximum(MAX_DIFFERENCE)),
  z.array(whole).check(z.minLength(1), z.maxLength(2 * MAX_DIFFERENCE + 1)),
]);
const cell = z.nullable(z.tuple([interval, difference]));

/** [recipe that is met][recipe that repairs were trained for] */
const matrixOf = <T extends z.ZodMiniType>(entry: T) => z.array(z.array(entry));

type Difference = z.infer<typeof difference>;

const transfer = z
  .object({
    version: z.literal(2),
    device: z.string(),
    date: z.string(),
    questions: z.int().check(z.minimum(1), z.maximum(MAX_QUESTIONS)),
    subjects: z.int().check(z.minimum(1), z.maximum(MAX_QUESTIONS)),
    recipes: z.array(z.string()).check(z.minLength(1), z.maxLength(MAX_RECIPES)),
    dense: interval,
    compressed: z.array(interval),
    repairs: z.record(z.enum(TRANSFER_TYPES), matrixOf(cell)),
    idpAgainstLora: matrixOf(z.nullable(difference)),
  })
  .check((context) => {
    for (const { path, message } of toFlaws(context.value)) {
      context.issues.push({ code: 'custom', path, message, input: context.value });
    }
  });

type TransferFile = z.infer<typeof transfer>;

/** A recorded matrix before its differences are tested. */
export interface CountedTransfer extends Omit<RecordedTransfer, 'cells' | 'contrasts'> {
  cells: readonly (TransferPlace & { accuracy: Estimate; gain: CountedComparison })[];
  contrasts: readonly (TransferRoute & { comparison: CountedComparison })[];
}

/** The transfer matrix of a pack (`docs/pack-format.md`); throws `pack-invalid` naming the file and the first bad field. */
export function parseTransfer(bytes: Uint8Array, fileName: string): CountedTransfer {
  const file = parseRecordedFile(transfer, bytes, fileName);
  const toEstimate = ([value, low, high]: readonly [number, number, number]): Estimate => {
    return { value, low, high, n: file.questions, method: 'cluster-bootstrap', subjects: file.subjects };
  };
  const heldOut = (key: RegimeKey): Side => ({ key, exposure: 'held-out' });
  const toCounted = (first: RegimeKey, second: RegimeKey, [low, high, least, counts]: Difference) => {
    return { first: heldOut(first), second: heldOut(second), items: file.questions, low, high, least, counts };
  };
  return {
    device: file.device,
    date: file.date,
    dense: toEstimate(file.dense),
    compressed: new Map(
      file.compressed.flatMap((each, i) => file.recipes.slice(i, i + 1).map((id) => [id, toEstimate(each)])),
    ),
    cells: TRANSFER_TYPES.flatMap((type) =>
      toEntries(file.recipes, file.repairs[type]).map(({ from, to, entry: [accuracy, gain] }) => {
        return {
          type,
          from,
          to,
          accuracy: toEstimate(accuracy),
          gain: toCounted(TRANSFER_KEY[type], 'compressed', gain),
        };
      }),
    ),
    contrasts: toEntries(file.recipes, file.idpAgainstLora).map(({ from, to, entry }) => {
      return { from, to, comparison: toCounted('idp', 'lora-merged', entry) };
    }),
  };
}

/** The entries of a matrix with their recipes; those that are null are left out. */
function toEntries<T>(recipes: readonly string[], matrix: readonly (readonly (T | null)[])[]) {
  return recipes.flatMap((to, y) =>
    recipes.flatMap((from, x) => {
      const entry = matrix[y]?.[x] ?? null;
      return entry === null ? [] : [{ from, to, entry }];
    }),
  );
}

interface Flaw {
  path: (string | number)[];
  message: string;
}

/** What no single field shows to be wrong. */
function* toFlaws(file: TransferFile): Generator<Flaw, void> {
  const size = file.recipes.length;
  if (new Set(file.recipes).size < size) yield { path: ['recipes'], message: 'a recipe that is named twice' };
  if (file.compressed.length !== size) yield toSizeFlaw(['compressed'], file.compressed.length, size);
  for (const type of TRANSFER_TYPES) {
    yield* toMatrixFlaws(file, ['repairs', type], file.repairs[type], ([, gain]) => gain, 1);
  }
  yield* toMatrixFlaws(file, ['idpAgainstLora'], file.idpAgainstLora, (entry) => entry);
}

function* toMatrixFlaws<T>(
  file: TransferFile,
  path: (string | number)[],
  matrix: readonly (readonly (T | null)[])[],
  toDifference: (entry: T) => Difference,
  place?: number,
): Generator<Flaw, void> {
  const size = file.recipes.length;
  if (matrix.length !== size) yield toSizeFlaw(path, matrix.length, size);
  for (const [y, row] of matrix.entries()) {
    if (row.length !== size) yield toSizeFlaw([...path, y], row.length, size);
    for (const [x, entry] of row.entries()) {
      const message = entry === null ? null : toDifferenceFlaw(file, toDifference(entry));
      if (message !== null) yield { path: [...path, y, x, ...(place === undefined ? [] : [place])], message };
    }
  }
}

function toSizeFlaw(path: (string | number)[], observed: number, allowed: number): Flaw {
  return { path, message: `${observed} entries for ${allowed} recipes` };
}

function toDifferenceFlaw(
  { questions, subjects }: TransferFile,
  [low, high, least, counts]: Difference,
): string | null {
  const counted = counts.reduce((sum, count) => sum + count, 0);
  if (counted !== subjects) return `counts of ${counted} subjects, where there are ${subjects}`;
  const differing = counts.reduce((sum, count, i) => sum + count * Math.abs(least + i), 0);
  if (differing > questions) return `differences in ${differing} questions, where there are ${questions}`;
  const value = meanDifference({ counts, least, items: questions });
  return low - ROUNDING <= value && value <= high + ROUNDING ? null : MIDDLE_OUTSIDE;
}
