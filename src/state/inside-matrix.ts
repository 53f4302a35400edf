import type { MatrixReport } from '../core/inside/capture.ts';
import type { InsideMoment } from './inside-context.ts';
import type { InsideOptions, InsideStores } from './inside-stores.ts';
import { createLookQueue, createWatchers, isSameLooked, type LookRequest, orBlocked } from './look-queue.ts';

/** Matrices that going back finds again; of the shipped model each has half a MB, before, after and merged. */
const MAX_MATRICES = 12;

export interface InsideMatrix {
  watch(): () => void;
  refresh(moment: InsideMoment): void;
}

/** The matrix that is looked at, before and after the recipe, read while anybody watches. */
export function createInsideMatrix(
  { engine }: InsideOptions,
  stores: InsideStores,
  onChange: () => void,
): InsideMatrix {
  const queue = createLookQueue<MatrixReport>({ engine, limit: MAX_MATRICES, onChange });
  const { watch, isWatched } = createWatchers(queue.forgetFailures, onChange);

  function toRequest({ context }: InsideMoment): LookRequest<MatrixReport> | null {
    const { matrixOf, module } = stores.inside.getState().choice;
    const regime = context?.regimes.get(matrixOf);
    const { engine: phase } = engine.store.getState();
    if (regime === undefined || phase.status !== 'ready') return null;
    return {
      key: JSON.stringify([phase.device.kind, regime.id, module]),
      run: async (signal) => {
        await engine.prepare(regime, signal);
        return engine.call('inspectMatrix', { regime, module }, { signal });
      },
    };
  }

  function refresh(moment: InsideMoment): void {
    const request = toRequest(moment);
    const { block } = moment;
    queue.want(isWatched() && request !== null ? [request] : [], isWatched() && block === null);
    const matrix = orBlocked(request === null ? { status: 'none' } : queue.at(request.key), block);
    const { matrix: before } = stores.insideMatrix.getState();
    if (!isSameLooked(matrix, before)) stores.insideMatrix.setState({ matrix });
  }

  return { refresh, watch };
}
