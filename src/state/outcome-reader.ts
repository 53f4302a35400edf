import { toAppError } from '../core/errors.ts';
import { turnEventLoop } from '../engine/stopping.ts';
import { joinOutcomes, parseOutcomes } from './outcome-file.ts';
import { type OutcomePlan, type OutcomeSet, planOutcomes } from './outcome-set.ts';
import type { LivePack } from './pack-store.ts';
import { waitUntil } from './wait-until.ts';

/** Recorded outcomes of a pack's recipes, each file read once. */
export interface OutcomeReader {
  /** Resolves with null for a recipe without recorded outcomes; rejects with `pack-invalid` for damaged ones. */
  read(recipeId: string): Promise<OutcomeSet | null>;
  /** What is asked of every regime, once the facts are there. */
  plan(): Promise<OutcomePlan>;
}

export function createOutcomeReader(pack: LivePack): OutcomeReader {
  const known = new Map<string, Promise<OutcomeSet | null>>();
  let planned: { facts: unknown; plan: OutcomePlan } | null = null;

  async function plan(): Promise<OutcomePlan> {
    await pack.whenRead();
    return waitUntil([pack.store], new AbortController().signal, () => {
      const { facts } = pack.store.getState();
      if (facts.status === 'failed') throw toAppError(facts.error);
      if (facts.status !== 'ready') return null;
      if (planned?.facts !== facts.facts) {
        planned = { facts: facts.facts, plan: planOutcomes(facts.facts, facts.relations) };
      }
      return planned.plan;
    });
  }

  async function readFile(recipeId: string | null) {
    const manifest = await pack.whenRead();
    const entry = manifest.outcomes?.find((each) => each.recipeId === recipeId);
    if (entry === undefined) return null;
    const bytes = await pack.readListed(entry.path);
    const asked = await plan();
    // Thousands of answers: in a task of their own, so that the page answers before and after.
    await turnEventLoop();
    const parsed = parseOutcomes(bytes, entry.path, { recipeId, plan: asked, manifest });
    await turnEventLoop();
    return parsed;
  }

  async function read(recipeId: string): Promise<OutcomeSet | null> {
    const manifest = await pack.whenRead();
    const recipe = manifest.recipes.find(({ id }) => id === recipeId)?.recipe;
    const [dense, own] = await Promise.all([readFile(null), readFile(recipeId)]);
    if (recipe === undefined || dense === null || own === null) return null;
    return joinOutcomes(recipe, await plan(), dense, own);
  }

  return {
    plan,
    read: (recipeId) => {
      const reading = known.get(recipeId) ?? read(recipeId);
      known.set(recipeId, reading);
      // What failed is tried again when it is asked for again.
      reading.catch(() => known.delete(recipeId));
      return reading;
    },
  };
}
