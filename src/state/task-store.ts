import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Recipe } from '../core/compress/recipe.ts';
import { isSameRecipe, toRecipeLabel } from '../core/compress/recipe-key.ts';
import { toWireError } from '../core/errors.ts';
import { REGIME_KEYS, type RegimeKey } from '../core/recover/regime.ts';
import type { BoardState } from './board-state.ts';
import { checkTask } from './check-documents.ts';
import type { LiveEngine } from './engine-store.ts';
import type { Precision } from './estimates.ts';
import { planUnits } from './evaluation-plan.ts';
import { createOwnTasks } from './own-tasks.ts';
import type { LivePack } from './pack-store.ts';
import { readPackTasks } from './pack-tasks.ts';
import type { Platform } from './platform.ts';
import type { LiveRecipe } from './recipe-store.ts';
import { createRunRedraw } from './redraw.ts';
import type { ResultBook, ResultLibrary } from './result-book.ts';
import { PAUSED, type RunTurns } from './run-turns.ts';
import { createTaskDraft } from './task-draft.ts';
import { loadTaskWork, toTaskInput } from './task-drawing.ts';
import { MAX_TASK_LIMIT, planDocuments, toPresetItems, toPresetKey } from './task-plan.ts';
import type { TaskPlan } from './task-run.ts';
import type { TaskChoice, TaskEntry, TaskResults, TaskState } from './task-state.ts';

export interface TaskStoreOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  pack: LivePack;
  board: StoreApi<BoardState>;
  /** Null until the manifest is there. */
  library: () => ResultLibrary | null;
  turns: RunTurns;
  choice: TaskChoice;
  platform: Pick<Platform, 'now' | 'results' | 'statistics'>;
  /** Told what of a person's own tasks cannot be had or kept. */
  onNotice: (text: string) => void;
}

export interface LiveTasks {
  store: StoreApi<TaskState>;
  /** Draws `live` anew, such as after stored results were read. */
  refresh(): void;
}

/** Charts that count live move this often. */
const REFRESH_MS = 500;

export function createTaskStore(options: TaskStoreOptions): LiveTasks {
  const { engine, recipe, pack, board, turns, platform, onNotice } = options;
  const own = createOwnTasks(platform);
  const draft = createTaskDraft(own, checkDraft, (phase) => store.setState({ draft: phase }));
  const redraw = createRunRedraw(draw, { now: platform.now, everyMs: REFRESH_MS });
  let running = new AbortController();
  let reading: Promise<void> | null = null;

  const store = createStore<TaskState>((set, get) => ({
    tasks: { status: 'loading' },
    load: () => {
      reading ??= read();
      return reading;
    },
    choice: options.choice,
    choose,
    draft: { status: 'none' },
    readFiles: (files) => void draft.read(files),
    keepDraft: () => void keepDraft(),
    dropDraft: () => draft.drop(),
    remove,
    run: { status: 'idle' },
    progress: null,
    leftOut: [],
    live: null,
    readAnswered,
    start,
    pause: () => running.abort(PAUSED),
    stop: () => {
      const { run } = get();
      if (run.status === 'paused') set({ run: { ...run, status: 'stopped' } });
      else running.abort();
    },
  }));

  /** Refuses what the model cannot read, where it is at hand; before a run it is asked again. */
  async function checkDraft({ task }: TaskEntry): Promise<void> {
    if (engine.store.getState().engine.status === 'ready') await checkTask(engine, task);
  }

  async function read(): Promise<void> {
    store.setState({ tasks: { status: 'loading' } });
    try {
      const [shipped, kept] = await Promise.all([readPackTasks(pack), own.read().catch(() => null)]);
      if (kept !== null && kept.damaged > 0) {
        onNotice(`${kept.damaged} stored tasks of your own were damaged and are left out.`);
      }
      store.setState({ tasks: { status: 'ready', entries: [...shipped, ...(kept?.entries ?? [])] } });
      const { id } = store.getState().choice;
      if (id !== null && toEntry()?.id !== id) {
        onNotice(
          `The task ${id} is not in this browser: a task of one's own does not travel with a link. Add it first.`,
        );
        choose({ id: null });
      }
      refresh();
    } catch (error) {
      reading = null;
      store.setState({ tasks: { status: 'failed', error: toWireError(error) } });
    }
  }

  function toEntries(): readonly TaskEntry[] {
    const { tasks } = store.getState();
    return tasks.status === 'ready' ? tasks.entries : [];
  }

  /** The chosen task, or the first of the pack; null before they are read. */
  function toEntry(): TaskEntry | null {
    const { choice } = store.getState();
    const entries = toEntries();
    return entries.find(({ id }) => id === choice.id) ?? entries[0] ?? null;
  }

  function choose(change: Partial<TaskChoice>): void {
    const before = store.getState().choice;
    const choice = { ...before, ...change };
    if (choice.id !== before.id || choice.seed !== before.seed || choice.limit !== before.limit) endRun();
    store.setState({ choice, ...(choice.id === before.id ? {} : { live: null, progress: null }) });
    refresh();
  }

  /** Ends a run for good: what it was to ask has changed. */
  function endRun(): void {
    running.abort();
    store.setState({ run: { status: 'idle' }, leftOut: [] });
  }

  async function keepDraft(): Promise<void> {
    const task = draft.take();
    if (task === null) return;
    const others = toEntries().filter(({ id }) => id !== task.entry.id);
    store.setState({ tasks: { status: 'ready', entries: [...others, task.entry] } });
    choose({ id: task.entry.id, metric: null });
    try {
      await own.keep(task);
    } catch {
      onNotice('This browser does not store tasks of your own, so they last until the page closes.');
    }
  }

  function remove(id: string): void {
    const entry = toEntries().find((each) => each.id === id && each.isOwn);
    if (entry === undefined) return;
    if (toEntry() === entry) choose({ id: null });
    store.setState({ tasks: { status: 'ready', entries: toEntries().filter((each) => each !== entry) } });
    options.library()?.documents.remove(entry.fingerprint);
    own.remove(id).catch(() => onNotice('The task could not be removed from this browser, so it may come back.'));
  }

  /** What is to be asked of whom; null before the pack and its tasks are read. */
  function toPlan(
    entry: TaskEntry | null,
    choice: TaskChoice = store.getState().choice,
    keys: readonly RegimeKey[] = board.getState().shown,
  ): TaskPlan | null {
    const manifest = pack.manifest();
    if (manifest === null || entry === null) return null;
    const { textPrompt } = board.getState();
    const { recipe: wanted } = recipe.store.getState();
    const preset = { key: toPresetKey(entry, wanted), items: toPresetItems(entry, choice) };
    const units = planUnits(keys, wanted, manifest, textPrompt);
    return { task: entry.fingerprint, documents: planDocuments(entry, choice), units, preset };
  }

  function start(): void {
    store.setState({ leftOut: [] });
    running = turns.begin({
      show: (run) => {
        store.setState({ run });
        if (run.status !== 'running') refresh();
      },
      work: async (signal, onProgress) => {
        await recipe.whenApplied(signal);
        const { countAnswers, runTask } = await loadTaskWork();
        const entry = toEntry();
        const plan = toPlan(entry);
        const library = options.library();
        if (entry === null || plan === null || library === null) return { status: 'idle' };
        await library.documents.read(plan.task);
        await runTask({
          ...plan,
          config: entry.task.config,
          engine,
          recipe,
          library,
          date: () => new Date(platform.now()).toISOString(),
          onProgress,
          onAnswers: redraw.refreshOften,
          onLeftOut: ({ key }, error) => {
            if (!signal.aborted) store.setState(({ leftOut }) => ({ leftOut: [...leftOut, { key, error }] }));
          },
          signal,
        });
        const [first, ...others] = store.getState().leftOut;
        if (first !== undefined && others.length + 1 === plan.units.length) {
          return { status: 'failed', error: first.error };
        }
        return { status: 'done', total: countAnswers(plan, library, toBook()).done };
      },
    });
  }

  function toBook(): ResultBook | null {
    const { engine: phase } = engine.store.getState();
    const library = options.library();
    if (library === null) return null;
    return phase.status === 'ready' ? library.bookOf(phase.device) : library.latest();
  }

  /** Tasks that nobody has looked at yet are not drawn. */
  function refresh(): void {
    if (store.getState().tasks.status === 'ready') redraw.refresh();
  }

  async function draw(precision: Precision): Promise<void> {
    const entry = toEntry();
    const { recipe: wanted } = recipe.store.getState();
    const { choice } = store.getState();
    const plan = toPlan(entry);
    const library = options.library();
    if (entry === null || plan === null || library === null) return;
    const work = await loadTaskWork().catch((error: unknown) => onNotice(toWireError(error).message));
    if (work === undefined) return;
    const { damaged } = await library.documents.read(plan.task);
    if (damaged > 0) onNotice(`${damaged} stored answers to ${entry.task.config.task} were damaged and are left out.`);
    const book = toBook();
    store.setState({ progress: work.countAnswers(plan, library, book) });
    if (book === null) {
      store.setState({ live: null });
      return;
    }
    const live = await work.toTaskResults(
      toTaskInput({ entry, plan, choice, book, library, precision, recipeLabel: toLabel(wanted) }),
      platform.statistics,
    );
    // Of another recipe or choice by now: that is drawn next.
    const isWanted = store.getState().choice === choice && isSameRecipe(recipe.store.getState().recipe, wanted);
    if (isWanted) store.setState({ live });
  }

  /** The chosen task as it is drawn, any other with all documents and regimes that were ever asked. */
  async function readAnswered(): Promise<readonly TaskResults[]> {
    await store.getState().load();
    const [work, library, book] = [await loadTaskWork(), options.library(), toBook()];
    const found: TaskResults[] = [];
    for (const entry of book === null ? [] : toEntries()) {
      const { live, choice: chosen } = store.getState();
      if (live?.entry === entry) {
        found.push(live);
        continue;
      }
      const choice = { ...chosen, limit: MAX_TASK_LIMIT };
      const plan = toPlan(entry, choice, REGIME_KEYS);
      if (plan === null || library === null || book === null) continue;
      await library.documents.read(plan.task);
      const { key, items } = plan.preset;
      const preset = { key, items: book.presets.get(key) ?? items };
      const asked = { entry, plan: { ...plan, preset }, choice };
      const recipeLabel = toLabel(recipe.store.getState().recipe);
      const input = toTaskInput({ ...asked, book, library, precision: 'final', recipeLabel });
      const results = await work.toTaskResults(input, platform.statistics);
      if (results !== null) found.push(results);
    }
    return found;
  }

  function toLabel(wanted: Recipe): string {
    const preset = pack.manifest()?.recipes.find((entry) => isSameRecipe(entry.recipe, wanted));
    return preset?.label ?? toRecipeLabel(wanted);
  }

  recipe.store.subscribe((state, previous) => {
    if (isSameRecipe(state.recipe, previous.recipe)) return;
    endRun();
    store.setState({ live: null });
    refresh();
  });
  board.subscribe((state, previous) => {
    if (state.shown !== previous.shown || state.textPrompt !== previous.textPrompt) refresh();
  });
  engine.store.subscribe((state, previous) => {
    if (state.engine.status !== previous.engine.status) refresh();
  });
  return { store, refresh };
}
