import type { WireError } from '../core/errors.ts';
import type { Comparison } from '../core/eval/comparisons.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { Estimate, ResultSource } from './results.ts';

/** The kinds of repair that every shipped recipe has. */
export const TRANSFER_TYPES = ['single', 'pool-routed', 'lora-r8'] as const;
export type TransferType = (typeof TRANSFER_TYPES)[number];

/** The place on the board that a kind of repair stands in. */
export const TRANSFER_KEY: Readonly<Record<TransferType, Extract<RegimeKey, 'prompt' | 'idp' | 'lora-merged'>>> = {
  single: 'prompt',
  'pool-routed': 'idp',
  'lora-r8': 'lora-merged',
};

/** Repairs trained for the recipe `from`, applied to the variant of the recipe `to`, on facts that they never saw. */
export interface TransferPlace {
  type: TransferType;
  /** Ids of recipes of the pack. */
  from: string;
  to: string;
}

/** A recipe that repairs were trained for, and the one that they meet. */
export type TransferRoute = Pick<TransferPlace, 'from' | 'to'>;

export interface TransferCell extends TransferPlace {
  accuracy: Estimate;
  /** Against the same variant without a repair. */
  gain: Comparison;
}

/** IDP against LoRA-merged, both trained for one recipe and applied to another. */
export interface TransferContrast extends TransferRoute {
  comparison: Comparison;
}

/** The matrix as PyTorch computed it, on every question of both folds. */
export interface RecordedTransfer {
  device: string;
  /** ISO 8601. */
  date: string;
  dense: Estimate;
  /** Without a repair, by recipe id. */
  compressed: ReadonlyMap<string, Estimate>;
  cells: readonly TransferCell[];
  /** With the gains of the cells these are the declared family that Holm is made over. */
  contrasts: readonly TransferContrast[];
}

export type TransferPhase =
  | { status: 'loading' }
  /** The pack has none. */
  | { status: 'none' }
  | { status: 'ready'; transfer: RecordedTransfer }
  | { status: 'failed'; error: WireError };

/** What came of a cell that a person picked and measured here. */
export interface MeasuredCell {
  accuracy: Estimate;
  /** Of the variant without a repair, on the same items. */
  plain: Estimate;
  /** Against that, exploratory. */
  gain: Comparison;
}

/** A cell measured here, beside the recorded one; running, it counts answers with the repair and without. */
export type LiveCell =
  | { status: 'running'; done: number; total: number }
  | ({ status: 'done'; source: ResultSource } & MeasuredCell)
  | { status: 'failed'; error: WireError };

export interface TransferState {
  recorded: TransferPhase;
  /** By `toPlaceKey`. */
  live: ReadonlyMap<string, LiveCell>;
  /** Reads the recorded matrix, once. */
  load(): Promise<void>;
  /** Measures one cell, and its variant without a repair, on this device and on so many items in all; ends the measurement before. */
  measure(place: TransferPlace, items: number): void;
  stop(): void;
}

/** Names a cell. */
export function toPlaceKey({ type, from, to }: TransferPlace): string {
  return [type, from, to].join(' ');
}
