import { linearModules } from '../core/checkpoint/checkpoint.ts';
import type { MatrixReport } from '../core/inside/capture.ts';
import type { Regime } from '../core/recover/regime.ts';
import { type InsideMoment, readInsideContext } from './inside-context.ts';
import type { KeptLook } from './inside-state.ts';
import type { InsideOptions, InsideStores } from './inside-stores.ts';
import { createLookQueue, createWatchers, isSameLooked, type LookRequest, orBlocked } from './look-queue.ts';

/** Matrices that going back finds again; of the shipped model each has half a MB, before, after and merged. */
const MAX_MATRICES = 12;

export interface InsideMatrix {
  watch(): () => void;
  refresh(moment: InsideMoment): void;
  kept(): readonly KeptLook<MatrixReport>[];
}

/** The matrix that is looked at, before and after the recipe, read while anybody watches. */
export function createInsideMatrix(options: InsideOptions, stores: InsideStores, onChange: () => void): InsideMatrix {
  const { engine } = options;
  const queue = createLookQueue<MatrixReport>({ engine, limit: MAX_MATRICES, onChange });
  const { watch, isWatched } = createWatchers(queue.forgetFailures, onChange);

  /** The same text for the same matrix; null while no model runs. */
  function toKey({ id }: Regime, module: string): string | null {
    const { engine: phase } = engine.store.getState();
    return phase.status === 'ready' ? JSON.stringify([phase.device.kind, id, module]) : null;
  }

  function toRequest({ context }: InsideMoment): LookRequest<MatrixReport> | null {
    const { matrixOf, module } = stores.inside.getState().choice;
    const regime = context?.regimes.get(matrixOf);
    const key = regime === undefined ? null : toKey(regime, module);
    if (regime === undefined || key === null) return null;
    return {
      key,
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

  function kept(): readonly KeptLook<MatrixReport>[] {
    const context = readInsideContext(options);
    if (context === null) return [];
    const modules = linearModules(context.manifest.checkpoint.layers);
    return [...context.regimes].flatMap(([key, regime]) =>
      modules.flatMap((module) => {
        const name = toKey(regime, module);
        const looked = name === null ? null : queue.at(name);
        return looked?.status === 'ready' ? [{ key, of: looked.of }] : [];
      }),
    );
  }

  return { refresh, watch, kept };
}
