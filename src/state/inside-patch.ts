import { AppError } from '../core/errors.ts';
import { PATCH_TARGETS, type PatchMap } from '../core/inside/capture.ts';
import type { Run } from './evaluate-state.ts';
import { type InsideContext, type InsideMoment, readInsideContext, regimeOf } from './inside-context.ts';
import type { InsideChoice, KeptPatch, Looked } from './inside-state.ts';
import type { InsideOptions, InsideStores } from './inside-stores.ts';
import { isSameLooked } from './look-queue.ts';
import type { Progress } from './run-turns.ts';
import { throughReplacements } from './score-block.ts';

/** Maps that going back finds again; each is a number per layer and token. */
const MAX_MAPS = 50;

type PatchChoice = Pick<InsideChoice, 'donor' | 'receiver' | 'patched'>;

const NONE = { status: 'none' } as const;

export interface InsidePatch {
  start(): void;
  stop(): void;
  refresh(moment: InsideMoment): void;
  kept(): readonly KeptPatch[];
}

/** What putting parts of the donor's run into the receiver's does to the right answer of the board's question. */
export function createInsidePatch(options: InsideOptions, stores: InsideStores): InsidePatch {
  const { engine, recipe, turns } = options;
  const maps = new Map<string, Looked<PatchMap>>();
  let running = new AbortController();
  let runningName: string | null = null;
  let stoppedName: string | null = null;

  /** The same text for the same map. */
  function toName({ regimes, name }: InsideContext, choice: PatchChoice = stores.inside.getState().choice): string {
    const { donor, receiver, patched } = choice;
    return JSON.stringify([name, regimes.get(donor)?.id, regimes.get(receiver)?.id, patched]);
  }

  function keep(name: string, looked: Looked<PatchMap>): void {
    maps.delete(name);
    if (looked.status !== 'none') maps.set(name, looked);
    for (const oldest of maps.keys()) {
      if (maps.size <= MAX_MAPS) break;
      maps.delete(oldest);
    }
  }

  function show(name: string | null): void {
    const patch = (name === null ? undefined : maps.get(name)) ?? NONE;
    const wasStopped = patch.status === 'none' && name !== null && name === stoppedName;
    const before = stores.insidePatch.getState();
    if (isSameLooked(patch, before.patch) && wasStopped === before.wasStopped) return;
    stores.insidePatch.setState({ patch, wasStopped });
  }

  function follow(name: string, run: Run): void {
    if (run.status === 'running') keep(name, { status: 'running', done: run.done, total: run.total });
    else if (run.status === 'failed') keep(name, run);
    else if (run.status !== 'done') keep(name, NONE);
    if (run.status === 'stopped') stoppedName = name;
    const context = readInsideContext(options);
    show(context && toName(context));
  }

  async function work(
    asked: InsideContext,
    name: string,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ): Promise<Run> {
    const { donor, receiver, patched } = stores.inside.getState().choice;
    const { question } = asked;
    if (question === null || question.answer === null) {
      const text =
        'Patching needs a question whose right answer is known. Take one of the facts of the world, word for word.';
      throw new AppError('input-invalid', text, { field: 'question', observed: question?.text ?? '' });
    }
    const { context, answer } = question;
    const regimes = { donor: regimeOf(asked, donor), receiver: regimeOf(asked, receiver) };
    onProgress({ done: 0, total: 0, nowKey: receiver });
    const whenReady = () => recipe.whenApplied(signal);
    const map = await throughReplacements(engine, signal, whenReady, async () => {
      await engine.prepare(regimes.donor, signal);
      await engine.prepare(regimes.receiver, signal);
      const onEvent = (progress: { done: number; total: number }) => onProgress({ ...progress, nowKey: receiver });
      return engine.call('patch', { ...regimes, context, answer, of: patched }, { signal, onEvent });
    });
    if (!signal.aborted) keep(name, { status: 'ready', of: map });
    return { status: 'done', total: map.numLayers * map.columns.length };
  }

  function start(): void {
    const context = readInsideContext(options);
    if (context === null) return;
    const name = toName(context);
    runningName = name;
    running = turns.begin({
      show: (run) => follow(name, run),
      work: (signal, onProgress) => work(context, name, signal, onProgress),
    });
  }

  /** A map of another question, recipe or choice is not shown, and what would make one ends. */
  function refresh({ context }: InsideMoment): void {
    const name = context === null ? null : toName(context);
    if (runningName !== null && runningName !== name) {
      runningName = null;
      running.abort();
    }
    show(name);
  }

  function kept(): readonly KeptPatch[] {
    const context = readInsideContext(options);
    if (context === null) return [];
    const keys = [...context.regimes.keys()];
    return keys.flatMap((donor) =>
      keys.flatMap((receiver) =>
        PATCH_TARGETS.flatMap((patched) => {
          const looked = maps.get(toName(context, { donor, receiver, patched }));
          return looked?.status === 'ready' ? [{ donor, receiver, of: looked.of }] : [];
        }),
      ),
    );
  }

  return { start, stop: () => running.abort(), refresh, kept };
}
