import type { StoreApi } from 'zustand/vanilla';
import type { DocumentScores } from '../core/harness/metrics.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { BoardState } from './board-state.ts';
import type { LiveEngine } from './engine-store.ts';
import type { EvaluateState } from './evaluate-state.ts';
import { type PlannedItem, planItems, planUnits } from './evaluation-plan.ts';
import type { FactsPhase, PackState } from './pack-state.ts';
import type { LiveRecipe } from './recipe-store.ts';
import { type ResultLibrary, toDeviceId } from './result-book.ts';
import type { FingerprintSource } from './run-fingerprint.ts';
import type { RunPlace } from './saved-run.ts';
import type { TaskSource } from './task-fingerprint.ts';
import type { TaskEntry } from './task-state.ts';

export interface ShareSourceOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  pack: StoreApi<PackState>;
  board: StoreApi<BoardState>;
  evaluate: { store: StoreApi<EvaluateState> };
  /** Null until the manifest is there. */
  library: () => ResultLibrary | null;
}

/** What leaves the page: the answers of the device that runs, or else of the one that answered last. */
export interface ShareSource {
  /** Null while the pack is read. */
  place(): RunPlace | null;
  /** The answers of some places of the board to the recipe on the page; null while the pack is read. */
  facts(keys: readonly RegimeKey[]): (FingerprintSource & RunPlace) | null;
  /** The same regimes' answers to a task, as far as they were read. */
  task(source: FingerprintSource, entry: TaskEntry, seed: number): TaskSource;
}

const NONE: ReadonlyMap<string, DocumentScores> = new Map();

export function createShareSource({ engine, recipe, pack, board, evaluate, library }: ShareSourceOptions): ShareSource {
  let planned: { facts: FactsPhase; items: readonly PlannedItem[] } | null = null;

  function toPlace(): RunPlace | null {
    const { pack: phase, facts } = pack.getState();
    if (phase.status !== 'ready' || facts.status !== 'ready') return null;
    return { manifest: phase.manifest, facts: facts.facts, relations: facts.relations };
  }

  return {
    place: toPlace,
    facts: (keys) => {
      const place = toPlace();
      const opened = library();
      if (place === null || opened === null) return null;
      const { manifest, facts, relations } = place;
      const phase = pack.getState().facts;
      const { recipe: wanted } = recipe.store.getState();
      const { textPrompt } = board.getState();
      const { engine: running } = engine.store.getState();
      return {
        ...place,
        book: running.status === 'ready' ? opened.bookOf(running.device) : opened.latest(),
        recipe: wanted,
        recipeLabel: evaluate.store.getState().live?.recipeLabel ?? '',
        textPrompt,
        units: planUnits(keys, wanted, manifest, textPrompt),
        items: () => {
          if (planned?.facts !== phase) planned = { facts: phase, items: planItems(facts, relations, ['A', 'B']) };
          return planned.items;
        },
      };
    },
    task: ({ book, units }, entry, seed) => {
      const opened = library();
      const deviceId = book && toDeviceId(book.device);
      const scoresOf = (regimeId: string) =>
        opened === null || deviceId === null
          ? NONE
          : opened.documents.at({ deviceId, regimeId, task: entry.fingerprint });
      return { entry, seed, units, scoresOf };
    },
  };
}
