import type { Decoder } from './decoder.ts';
import type { Help } from './help.ts';
import type { RegimeSize } from './protocol.ts';
import type { Router, RoutingPool } from './routing.ts';
import type { OwnedTensor } from './session.ts';

/** A regime made ready: everything a run binds. */
export interface BoundRegime {
  /** Shared, linear and LoRA tensors by graph input. */
  weights: ReadonlyMap<string, OwnedTensor>;
  /** One row a run, for generation and timing. */
  decoder: Decoder;
  /** The same with an attention bias, for packed scoring. */
  scorer: Decoder;
  /** One help, or one per prompt of a pool. */
  helps: readonly Help[];
  routing: { router: Router; pool: RoutingPool } | null;
  size: RegimeSize;
}

/** The begin token is in the cache already, so that contexts come without it. */
export function holdsBegin({ helps }: BoundRegime): boolean {
  return helps.every((help) => help.holdsBegin);
}
