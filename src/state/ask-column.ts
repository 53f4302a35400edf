import { toWireError } from '../core/errors.ts';
import type { GenerateRequest, GenerateResult } from '../engine/protocol.ts';
import type { Cell } from './board-state.ts';
import { deviceOf, isLost, isStopped } from './engine-faults.ts';
import type { LiveEngine } from './engine-store.ts';
import type { LiveRecipe } from './recipe-store.ts';
import { waitUntil } from './wait-until.ts';

/** A device that is replaced under a question this often will not answer it. */
const MAX_TRIES = 3;

export interface ColumnQuestion {
  request: GenerateRequest;
  /** What the answer is kept under. */
  answerKey: string;
}

export interface AskOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  /** What to ask, looked up once the recipe is there (the dense model waits for none); null where the column cannot be asked any more. */
  readQuestion: () => ColumnQuestion | null;
  show: (cell: Cell, answerKey: string | null) => void;
  keep: (answerKey: string, result: GenerateResult) => void;
  signal: AbortSignal;
}

/** Asks one regime and shows each step; asks again where the device was replaced before it could answer. Never rejects. */
export async function askColumn(options: AskOptions): Promise<void> {
  for (let tries = 1; tries <= MAX_TRIES && !options.signal.aborted; tries++) {
    if (await askOnce(options, tries === MAX_TRIES)) return;
  }
}

async function askOnce({ engine, recipe, readQuestion, show, keep, signal }: AskOptions, isLast: boolean) {
  let text = '';
  let question = readQuestion();
  try {
    // The dense model answers whatever became of the recipe.
    const isDense = question?.request.regime.recipe === null;
    const whenReady = () => waitUntil([engine.store], signal, () => deviceOf(engine.store.getState().engine));
    await (isDense ? whenReady() : recipe.whenApplied(signal));
    question = readQuestion();
    if (question === null) return true;
    const { request, answerKey } = question;
    show({ status: 'preparing' }, answerKey);
    await engine.prepare(request.regime, signal);
    const result = await engine.call('generate', request, {
      signal,
      onEvent: (token) => {
        text += token.text;
        show({ status: 'streaming', text }, answerKey);
      },
    });
    if (result.stopReason !== 'stopped') keep(answerKey, result);
    show({ status: 'done', result }, answerKey);
  } catch (error) {
    if (signal.aborted && isStopped(error)) return true;
    const { status } = engine.store.getState().engine;
    const isReplaced = (status === 'restarting' || status === 'loading') && !isLost(error);
    if (isReplaced && !isLast) return false;
    show({ status: 'failed', error: toWireError(error), text }, question?.answerKey ?? null);
  }
  return true;
}
