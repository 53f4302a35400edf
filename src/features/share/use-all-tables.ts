import { useContext, useEffect } from 'react';
import { toRecipeLabel } from '../../core/compress/recipe-key.ts';
import { AppError } from '../../core/errors.ts';
import { StoresContext, usePackStore, useTransferStore } from '../../state/hooks.ts';
import { toLiveSource } from '../../state/live-source.ts';
import type { Stores } from '../../state/stores.ts';
import type { FigureExport } from '../../ui/charts/figure-export.ts';
import type { BoardAnswers } from './board-table.ts';
import { toTables } from './tables.ts';

/** Fetches the code that makes the tables of another part of the page: parts know nothing of each other. */
export type LoadTables = () => Promise<(stores: Stores) => Iterable<FigureExport>>;

/**
 * Gives every figure of the page as tables, whatever is in sight, or null where reading imported runs was stopped; null before the pack is
 * there. Made when asked for: while a run goes on they change all the time.
 */
export function useAllTables(loadFurther?: LoadTables): (() => Promise<Iterable<FigureExport> | null>) | null {
  const stores = useContext(StoresContext);
  const pack = usePackStore((state) => (state.pack.status === 'ready' ? state.pack.manifest.id : null));
  const loadTransfer = useTransferStore((state) => state.load);
  useEffect(() => void loadTransfer(), [loadTransfer]);
  if (stores === null || pack === null) return null;
  return async () => {
    const toFurther = await loadFurther?.().catch((error: unknown) => {
      throw new AppError('download-failed', 'A part of the page could not be loaded.', {}, error);
    });
    if (!(await stores.share.getState().readImported())) return null;
    const imported = await stores.comparisons.getState().compareImported();
    const tasks = [
      ...(await stores.tasks.getState().readAnswered()),
      ...(await stores.taskBeside.getState().readAll()),
    ];
    const { loadDose } = stores.fates.getState();
    await Promise.all([stores.sweep.getState().load(), stores.shapes.getState().load(), loadDose()]);
    const { recorded } = stores.pack.getState();
    const { live } = stores.evaluate.getState();
    const sweep = stores.sweep.getState();
    const comparisons = stores.comparisons.getState();
    const fates = stores.fates.getState();
    const shape = stores.shapes.getState();
    const further = toFurther?.(stores) ?? [];
    const tables = toTables({
      pack,
      sets: [
        ...(recorded.status === 'ready' ? recorded.sets : []),
        ...(live === null ? [] : [live]),
        ...stores.share.getState().imported.flatMap(({ results }) => results ?? []),
      ],
      sweeps: [sweep.recorded, sweep.live].filter((results) => results !== null),
      transfer: stores.transfer.getState(),
      comparisons: [...[comparisons.recorded, comparisons.live].flatMap(toReady), ...imported],
      fates: [fates.recorded, fates.live].flatMap(toReady),
      dose: 'points' in fates.dose ? fates.dose.points : [],
      shapes: [shape.recorded, shape.live].filter((results) => results !== null),
      tasks,
      board: toBoardAnswers(stores),
    });
    return join(tables, further);
  };
}

function toBoardAnswers({ board, engine, pack, recipe }: Stores): BoardAnswers | null {
  const source = toLiveSource(engine.getState().engine, new Date().toISOString());
  const { recipe: asked, presetId } = recipe.getState();
  const { pack: phase } = pack.getState();
  const preset = phase.status === 'ready' ? phase.manifest.recipes.find(({ id }) => id === presetId) : undefined;
  return source && { recipeLabel: preset?.label ?? toRecipeLabel(asked), board: board.getState(), source };
}

/** The ones, then the others, each made when its turn comes. */
function* join<T>(ones: Iterable<T>, others: Iterable<T>): Generator<T, void> {
  yield* ones;
  yield* others;
}

function toReady<T>(phase: { status: string } | { status: 'ready'; of: T }): readonly T[] {
  return 'of' in phase ? [phase.of] : [];
}
