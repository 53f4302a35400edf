import type { Capture, RegimeDistances, Tap } from '../core/inside/capture.ts';
import { compareLayers } from '../core/inside/similarity.ts';
import type { Regime } from '../core/recover/regime.ts';
import { capture } from './inspector.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { EngineCalls } from './protocol.ts';

/** What layers are compared by. */
const COMPARED: readonly Tap[] = ['attention', 'residual', 'activations'];

/**
 * How far regimes stand from the dense model and from the variant without recovery, item by item; every regime is run once an item. What comes
 * after the question is left out, since it changes nothing before it. Throws what `capture` does, and `stopped` between items.
 */
export async function measureDistances(
  model: LoadedModel,
  { regimes, dense, compressed, items }: EngineCalls['measureDistances']['input'],
  signal: AbortSignal | undefined,
): Promise<EngineCalls['measureDistances']['output']> {
  const results: { id: string; regimes: readonly RegimeDistances[] }[] = [];
  for (const { id, context } of items) {
    const seen = new Map<string, Capture>();
    const look = async (regime: Regime) => {
      const found =
        seen.get(regime.id) ?? (await capture(model, { regime, context, answer: null, taps: COMPARED }, signal));
      seen.set(regime.id, found);
      return found;
    };
    const [ofDense, ofCompressed] = [await look(dense), await look(compressed)];
    const distances: RegimeDistances[] = [];
    for (const regime of regimes) {
      const own = await look(regime);
      distances.push({ toDense: compareLayers(own, ofDense), toCompressed: compareLayers(own, ofCompressed) });
    }
    results.push({ id, regimes: distances });
  }
  return results;
}
