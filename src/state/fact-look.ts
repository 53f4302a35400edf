import { AppError, toWireError } from '../core/errors.ts';
import type { Fact, Relation } from '../core/eval/fact.ts';
import { GREEDY } from '../core/eval/sampling.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import type { LiveEngine } from './engine-store.ts';
import { toItem } from './evaluation-plan.ts';
import type { FactAnswer, FactAnswers, FactRole } from './fates-state.ts';
import { planOutcomeUnits } from './live-outcomes.ts';
import type { Platform } from './platform.ts';
import type { LiveRecipe } from './recipe-store.ts';
import type { TrainedKey } from './regimes.ts';

export interface FactLookOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  platform: Pick<Platform, 'wait'>;
  /** Whether something else has the engine: a look never delays a run, nor disturbs its times. */
  isBusy: () => boolean;
  show: (answers: FactAnswers | null) => void;
}

export interface LookedAt {
  fact: Fact;
  relation: Relation;
  key: TrainedKey;
  manifest: PackManifest;
}

/** So long the pointer must rest: whoever crosses the map asks nothing. */
const REST_MS = 250;

/** As on the board: above every answer of the world. */
const MAX_NEW_TOKENS = 24;

/** Asks a fact that somebody looks at, in the four regimes that decide its fate; the last one looked at wins. */
export function createFactLook(options: FactLookOptions): { look(at: LookedAt | null): void } {
  const { engine, recipe, platform, isBusy, show } = options;
  let looking = new AbortController();

  async function ask({ fact, relation, key, manifest }: LookedAt, signal: AbortSignal): Promise<void> {
    await platform.wait(REST_MS, signal);
    if (signal.aborted || engine.store.getState().engine.status !== 'ready' || isBusy()) return;
    const answers = new Map<FactRole, FactAnswer>();
    const tell = (role: FactRole, answer: FactAnswer) => {
      answers.set(role, answer);
      if (!signal.aborted) show({ factId: fact.id, key, answers: new Map(answers) });
    };
    await recipe.whenApplied(signal);
    const units = planOutcomeUnits(recipe.store.getState().recipe, manifest).filter(({ isShuffled }) => !isShuffled);
    const { context, answer } = toItem(fact, relation, 0);
    const places: readonly [FactRole, string, string | null][] = [
      ['dense', 'dense', null],
      ['variant', 'compressed', null],
      ['heldOut', key, fact.fold === 'A' ? 'B' : 'A'],
      ['seen', key, fact.fold === 'A' ? 'A' : 'B'],
    ];
    for (const [role, place, fold] of places) {
      const regime = units.find((unit) => unit.key === place && unit.fold === fold)?.regime;
      if (signal.aborted || isBusy()) return;
      if (regime === undefined) continue;
      tell(role, { status: 'asking' });
      try {
        await engine.prepare(regime, signal);
        const request = { regime, context, answer, maxNewTokens: MAX_NEW_TOKENS, sampling: GREEDY };
        const { text, isRight, answerProbability } = await engine.call('generate', request, { signal });
        tell(role, { status: 'done', text: text.trim(), isRight, probability: answerProbability });
      } catch (error) {
        if (signal.aborted || (error instanceof AppError && error.code === 'stopped')) return;
        tell(role, { status: 'failed', error: toWireError(error) });
      }
    }
  }

  return {
    look: (at) => {
      looking.abort();
      looking = new AbortController();
      show(null);
      // Where the recipe cannot be applied, its own panel says why.
      if (at !== null) ask(at, looking.signal).catch(() => undefined);
    },
  };
}
