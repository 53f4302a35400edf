import type { PatchMap } from './capture.ts';

/**
 * The least gap between donor and receiver that a share is taken of, as a difference of probabilities. Below it a patch that moves the
 * probability by next to nothing would be told to restore, or to undo, many times what was lost.
 */
export const LEAST_GAP = 0.01;

/**
 * Share of the gap that a patch restores: `(patched - receiver) / (donor - receiver)`, 0 where it changes nothing, 1 where it gives the donor's
 * probability, below 0 or above 1 where it does harm or more than that (Wang et al. 2022, arXiv 2211.00593; Zhang and Nanda 2023, 2309.16042).
 * Null where the gap is below `LEAST_GAP`, either way, or a probability is no number.
 */
export function restoredShare(
  patched: number,
  { donorProbability, receiverProbability }: Pick<PatchMap, 'donorProbability' | 'receiverProbability'>,
): number | null {
  const gap = donorProbability - receiverProbability;
  const share = (patched - receiverProbability) / gap;
  return Math.abs(gap) < LEAST_GAP || !Number.isFinite(share) ? null : share;
}

/** A cell of a patch map, and what it restores. */
export interface RestoringCell {
  layer: number;
  column: number;
  share: number;
}

/** What a patch map says of the gap between donor and receiver. */
export interface PatchEffect {
  /** By layer and column; null where there is no such head, or where the gap is too small for shares. */
  shares: readonly (number | null)[]; // [numLayers, C]
  /** All columns of a layer at once. */
  whole: readonly (number | null)[]; // [numLayers]
  /** The cell that restores most, the lowest and leftmost of equals; null without shares. */
  most: RestoringCell | null;
}

/** Shares of the gap, cell by cell, as `restoredShare` has them. */
export function toPatchEffect(map: PatchMap): PatchEffect {
  const toShares = (values: Float32Array) => Array.from(values, (patched) => restoredShare(patched, map));
  const shares = toShares(map.values);
  let most: RestoringCell | null = null;
  for (const [at, share] of shares.entries()) {
    if (share === null || share <= (most?.share ?? Number.NEGATIVE_INFINITY)) continue;
    most = { layer: Math.floor(at / map.columns.length), column: at % map.columns.length, share };
  }
  return { shares, whole: toShares(map.whole), most };
}
