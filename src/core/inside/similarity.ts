import { AppError } from '../errors.ts';
import type { Capture, Distance, LayerAttention, LayerDistance, TokenLabel } from './capture.ts';

/**
 * Cosine `x . reference / (|x| |reference|)` and relative error `|x - reference| / |reference|` of two tensors of one shape, over all of their
 * values at once; an `x` of zeros has cosine 0. Throws `run-failed` for other lengths, values that are not finite, and a reference of zeros.
 */
export function compareRows(x: Float32Array, reference: Float32Array): Distance {
  let [inner, ownSquares, squares, gapSquares] = [0, 0, 0, 0];
  for (let i = 0; i < reference.length; i++) {
    const [a, b] = [x[i] ?? Number.NaN, reference[i] ?? Number.NaN];
    inner += a * b;
    ownSquares += a * a;
    squares += b * b;
    gapSquares += (a - b) ** 2;
  }
  if (x.length !== reference.length || !Number.isFinite(ownSquares + squares) || squares === 0) {
    throw new AppError('run-failed', 'The model gave values that cannot be compared. Load the model again.', {
      observed: `${x.length} values of norm ${Math.sqrt(ownSquares)} and ${reference.length} of norm ${Math.sqrt(squares)}`,
      allowed: 'as many finite values on both sides, the reference not all zeros',
    });
  }
  const cosine = ownSquares === 0 ? 0 : inner / Math.sqrt(ownSquares * squares);
  // Rounding would leave the cosine of equal tensors 1e-16 above 1.
  return { cosine: Math.max(-1, Math.min(1, cosine)), relativeError: Math.sqrt(gapSquares / squares) };
}

/** Attention without what a help adds, and what its columns now are. */
export interface OwnAttention {
  attention: LayerAttention; // [numHeads, S, T without virtual and text columns]
  columns: readonly TokenLabel[];
}

/**
 * Drops the virtual and text columns of an attention tensor `[numHeads, S, T]` and divides every row by the sum of what is left; a row that has
 * nothing left becomes zeros. Rows stay as they are.
 */
export function renormalise(attention: LayerAttention, columns: readonly TokenLabel[]): OwnAttention {
  const own = indicesOf(columns, (column) => !isHelp(column));
  const numRows = rowsOf(attention, columns.length);
  const data = new Float32Array(numRows * own.length);
  for (let row = 0; row < numRows; row++) {
    let left = 0;
    for (const column of own) left += attention.data[row * columns.length + column] ?? 0;
    if (left === 0) continue;
    for (const [j, column] of own.entries()) {
      data[row * own.length + j] = (attention.data[row * columns.length + column] ?? 0) / left;
    }
  }
  return {
    attention: { numHeads: attention.numHeads, data },
    columns: columns.filter((column) => !isHelp(column)),
  };
}

/**
 * Share of every row's attention that goes to virtual and text columns, `[numHeads, S]`: what `renormalise` drops. The mass is linear, so
 * `meanOverHeads` may come before or after it.
 */
export function promptMass(attention: LayerAttention, columns: readonly TokenLabel[]): Float32Array {
  const help = indicesOf(columns, isHelp);
  return Float32Array.from({ length: rowsOf(attention, columns.length) }, (_, row) => {
    return help.reduce((sum, column) => sum + (attention.data[row * columns.length + column] ?? 0), 0);
  });
}

/** The mean over heads as attention of one head, `[1, S, T]`; a layer that has no heads left stays empty. */
export function meanOverHeads({ numHeads, data }: LayerAttention): LayerAttention {
  if (numHeads === 0) return { numHeads: 0, data: new Float32Array() };
  const size = data.length / numHeads;
  const mean = Float32Array.from({ length: size }, (_, i) => {
    let sum = 0;
    for (let head = 0; head < numHeads; head++) sum += data[head * size + i] ?? 0;
    return sum / numHeads;
  });
  return { numHeads: 1, data: mean };
}

/**
 * How one layer's attention stands to a reference's, over heads, rows and columns together.
 *
 * Rows: those of kind `token`, the question's tokens. The begin token's row is left out, since it can only look at itself and at a help, and so
 * are the rows of the answer, which the model is given and does not say. Columns: the begin token, which a text prompt holds in its past, and
 * the question's tokens; virtual and text columns are dropped and rows renormalised head by head. Where the numbers of heads differ, the means
 * over heads are compared. Null where a capture has no attention, a layer no heads, or the question no tokens. Throws `input-invalid` for
 * captures of different questions and `run-failed` for values that are not finite.
 */
export function compareAttention(x: Capture, reference: Capture, layer: number): Distance | null {
  const [own, other] = [questionAttention(x, layer), questionAttention(reference, layer)];
  expectSameQuestion(x, reference);
  if (own === null || other === null) return null;
  if (own.numHeads === other.numHeads) return compareOrNull(own.data, other.data);
  return compareOrNull(meanOverHeads(own).data, meanOverHeads(other).data);
}

/**
 * How every layer of a capture stands to the same layer of a reference: attention as `compareAttention` does, the residual stream after the
 * layer and the activations over the rows of kind `token`. Null where a tap was not asked for, widths differ (neurons were removed), the question
 * has no tokens, or the reference is all zeros. Throws as `compareAttention` does.
 */
export function compareLayers(x: Capture, reference: Capture): LayerDistance[] {
  expectSameQuestion(x, reference);
  const rows = [x, reference].map((capture) => indicesOf(capture.rows, isQuestion));
  const compare = (own: Float32Array | undefined, other: Float32Array | undefined) => {
    if (own === undefined || other === undefined) return null;
    const widths = [own.length / x.rows.length, other.length / reference.rows.length];
    if (widths[0] !== widths[1]) return null;
    return compareOrNull(pickRows(own, x.rows.length, rows[0]), pickRows(other, reference.rows.length, rows[1]));
  };
  return Array.from({ length: numLayersOf(reference) }, (_, layer) => ({
    attention: compareAttention(x, reference, layer),
    residual: compare(x.residual?.[layer + 1], reference.residual?.[layer + 1]),
    activations: compare(x.activations?.[layer]?.data, reference.activations?.[layer]?.data),
  }));
}

/** Attention of the question's rows over the begin token and the question's columns, renormalised: `[numHeads, R, 1 + R]`. */
function questionAttention(capture: Capture, layer: number): LayerAttention | null {
  const attention = capture.attention?.[layer];
  if (attention === undefined || attention.numHeads === 0) return null;
  const [S, T] = [capture.rows.length, capture.columns.length];
  const rows = indicesOf(capture.rows, isQuestion);
  const data = new Float32Array(attention.numHeads * rows.length * T);
  for (let head = 0; head < attention.numHeads; head++) {
    for (const [i, row] of rows.entries()) {
      const from = (head * S + row) * T;
      data.set(attention.data.subarray(from, from + T), (head * rows.length + i) * T);
    }
  }
  const own = renormalise({ numHeads: attention.numHeads, data }, capture.columns);
  // No question row can look at the answer, so its columns are zeros and nothing has to be renormalised again.
  const kept = indicesOf(own.columns, (column) => column.kind !== 'answer');
  return { numHeads: attention.numHeads, data: pickColumns(own.attention.data, own.columns.length, kept) };
}

function compareOrNull(x: Float32Array, reference: Float32Array): Distance | null {
  return reference.every((value) => value === 0) ? null : compareRows(x, reference);
}

function pickRows(data: Float32Array, numRows: number, rows: readonly number[] = []): Float32Array {
  const width = data.length / numRows;
  const picked = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) picked.set(data.subarray(row * width, (row + 1) * width), i * width);
  return picked;
}

function pickColumns(data: Float32Array, width: number, columns: readonly number[]): Float32Array {
  return Float32Array.from({ length: (data.length / width) * columns.length }, (_, i) => {
    return data[Math.floor(i / columns.length) * width + (columns[i % columns.length] ?? 0)] ?? 0;
  });
}

function expectSameQuestion(x: Capture, reference: Capture): void {
  const [own, other] = [x, reference].map((capture) => capture.rows.filter(isQuestion).map(({ text }) => text));
  if (own?.join('\n') === other?.join('\n')) return;
  throw new AppError('input-invalid', 'Captures of different questions cannot be compared.', {
    field: 'rows',
    observed: own?.join('') ?? null,
    allowed: other?.join('') ?? null,
  });
}

function numLayersOf({ attention, residual, activations }: Capture): number {
  return attention?.length ?? activations?.length ?? (residual === null ? 0 : residual.length - 1);
}

function rowsOf({ data }: LayerAttention, numColumns: number): number {
  return numColumns === 0 ? 0 : data.length / numColumns;
}

function isHelp({ kind }: TokenLabel): boolean {
  return kind === 'virtual' || kind === 'text';
}

function isQuestion({ kind }: TokenLabel): boolean {
  return kind === 'token';
}

function indicesOf(labels: readonly TokenLabel[], isMeant: (label: TokenLabel) => boolean): number[] {
  return labels.flatMap((label, i) => (isMeant(label) ? [i] : []));
}
