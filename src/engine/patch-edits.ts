import type { ModelConfig } from '../core/checkpoint/checkpoint.ts';
import type { LayerShape } from '../core/checkpoint/layer-shape.ts';
import type { TokenLabel } from '../core/inside/capture.ts';
import { range } from './help.ts';
import type { PatchEdit } from './inspect-decoder.ts';

/** A row of the receiver and the donor's row of the same token. */
export interface RowPair {
  to: number;
  from: number;
}

/** Columns of a patch map, and what stands in the receiver's run for some of them in a layer; null where the donor has nothing to give. */
export interface PatchColumns {
  labels: readonly TokenLabel[];
  toEdit(layer: number, columns: readonly number[]): PatchEdit | null;
}

/** Rows of the same tokens: a regime whose help holds the begin token has no row for it, so rows are counted from the end. */
export function pairRows(donor: readonly TokenLabel[], receiver: readonly TokenLabel[]): RowPair[] {
  const length = Math.min(donor.length, receiver.length);
  return range(0, length).map((i) => ({ to: receiver.length - length + i, from: donor.length - length + i }));
}

/** One column per token that both have; `streams` are the donor's residual streams, `[numLayers]` of `[S, hiddenSize]`. */
export function patchTokens(
  streams: readonly Float32Array[],
  pairs: readonly RowPair[],
  receiver: readonly TokenLabel[],
  { hiddenSize }: ModelConfig,
): PatchColumns {
  return {
    labels: pairs.flatMap(({ to }) => receiver[to] ?? []),
    toEdit(layer, columns) {
      const edit = startEdit('residual', layer, receiver.length, hiddenSize);
      for (const column of columns) {
        const pair = pairs[column];
        if (pair !== undefined) replace(edit, streams[layer], pair, { from: 0, to: 0, width: hiddenSize });
      }
      return edit;
    },
  };
}

/**
 * One column per head of the whole model; `outputs` are what the donor's `o_proj` reads, `[numLayers]` of `[S, heads left * headDim]`. A head that
 * either side has lost cannot be given.
 */
export function patchHeads(
  outputs: readonly Float32Array[],
  pairs: readonly RowPair[],
  numRows: number,
  { config, donor, receiver }: { config: ModelConfig; donor: readonly LayerShape[]; receiver: readonly LayerShape[] },
): PatchColumns {
  const { headDim } = config;
  const [given, own] = [donor, receiver].map((layers) => layers.map((layer) => headsLeft(layer, config)));
  return {
    labels: range(1, config.numHeads + 1).map((i) => ({ text: String(i), kind: 'token' })),
    toEdit(layer, columns) {
      const [donorHeads = [], heads = []] = [given?.[layer], own?.[layer]];
      const shared = columns.filter((head) => donorHeads.includes(head) && heads.includes(head));
      if (shared.length === 0) return null;
      const edit = startEdit('heads', layer, numRows, heads.length * headDim);
      for (const head of shared) {
        const part = { from: donorHeads.indexOf(head) * headDim, to: heads.indexOf(head) * headDim, width: headDim };
        for (const pair of pairs) replace(edit, outputs[layer], pair, { ...part, of: donorHeads.length * headDim });
      }
      return edit;
    },
  };
}

/** Query heads of a layer that are left, by their numbers in the whole model, ascending. */
function headsLeft({ kept: { kvHeads } }: LayerShape, { numHeads, numKvHeads }: ModelConfig): number[] {
  const group = numHeads / numKvHeads;
  return (kvHeads ?? range(0, numKvHeads)).flatMap((head) => range(head * group, (head + 1) * group));
}

/** An edit that changes nothing yet. */
function startEdit(target: PatchEdit['target'], layer: number, numRows: number, width: number): PatchEdit {
  const size = numRows * width;
  return { target, layer, width, kept: new Float32Array(size).fill(1), added: new Float32Array(size) };
}

/** Puts `width` values of a donor's row, whose rows are `of` wide, in the place of the receiver's. */
function replace(
  { kept, added, width: rowWidth }: PatchEdit,
  source: Float32Array | undefined,
  pair: RowPair,
  { from, to, width, of = rowWidth }: { from: number; to: number; width: number; of?: number },
): void {
  const start = pair.from * of + from;
  const at = pair.to * rowWidth + to;
  kept.fill(0, at, at + width);
  if (source !== undefined) added.set(source.subarray(start, start + width), at);
}
