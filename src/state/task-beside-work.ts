import type { StoreApi } from 'zustand/vanilla';
import { AppError, toWireError } from '../core/errors.ts';
import { quote } from '../core/json.ts';
import { REGIME_KEYS } from '../core/recover/regime.ts';
import {
  type AnswersHere,
  type BesideAnswers,
  compareWithHere,
  toBesideAnswers,
  toBesideResults,
} from './beside-tasks.ts';
import { planUnits } from './evaluation-plan.ts';
import type { ImportedTasks } from './imported-tasks.ts';
import { createRedraw } from './redraw.ts';
import { toDeviceId } from './result-book.ts';
import type { RunTaskName } from './run-task-name.ts';
import type { BesidePhase, BesideResults, BesideRun, TaskBesideState } from './task-beside-state.ts';
import type { TaskBesideStoreOptions } from './task-beside-store.ts';
import type { TaskChoice, TaskEntry, TaskResults } from './task-state.ts';

export interface TaskBesideWork {
  /** Draws what is wanted; a run that could not be read is read again. */
  draw(): void;
  readAll(): Promise<readonly TaskResults[]>;
}

/** A run that answered tasks elsewhere. Whatever else brings such answers is listed beside the imported ones. */
interface Brought {
  run: BesideRun;
  tasks: readonly RunTaskName[];
  /** Null before they are read. */
  answers: ImportedTasks | null;
  /** Reads them; resolves with false where that was stopped. */
  read(): Promise<boolean>;
}

/** What is drawn, and what it was made of. */
interface Drawn {
  answers: ImportedTasks;
  entry: TaskEntry;
  /** Of the choice, only these two change a figure of a whole run. */
  metric: TaskChoice['metric'];
  groupBy: TaskChoice['groupBy'];
  of: BesideAnswers;
  results: TaskResults;
  against: { mark: string; found: BesideResults['against'] } | null;
}

export function createTaskBesideWork(
  options: TaskBesideStoreOptions,
  store: StoreApi<TaskBesideState>,
): TaskBesideWork {
  const { engine, recipe, pack, board, tasks, share, view } = options;
  const { statistics } = options.platform;
  let drawn: Drawn | null = null;
  /** Runs that could not be read: once more only when somebody asks for it. */
  const unread = new Set<string>();

  function listBrought(): readonly Brought[] {
    return share.getState().imported.map(({ id, recipe: of, recipeLabel, source, tasks: named, taskAnswers }) => ({
      run: { id, recipe: of, recipeLabel, source },
      tasks: named,
      answers: taskAnswers,
      read: () => share.getState().readImported([id]),
    }));
  }

  function toEntries(): readonly TaskEntry[] {
    const { tasks: phase } = tasks.getState();
    return phase.status === 'ready' ? phase.entries : [];
  }

  function toEntry(): TaskEntry | null {
    const entries = toEntries();
    return entries.find(({ id }) => id === tasks.getState().choice.id) ?? entries[0] ?? null;
  }

  function listAnswered(entry: TaskEntry): readonly Brought[] {
    return listBrought().filter((each) => each.tasks.some(({ fingerprint }) => fingerprint === entry.fingerprint));
  }

  /** The run to draw. */
  function toWanted(entry: TaskEntry): Brought | null {
    const answered = listAnswered(entry);
    const find = (id: string | null) => answered.find(({ run }) => run.id === id);
    return find(store.getState().pickedId) ?? find(view.getState().importedId) ?? answered.at(-1) ?? null;
  }

  /** Tells the runs of the chosen task, and which tasks of one's own are missing. */
  function tell(entry: TaskEntry | null): void {
    const known = new Set(toEntries().map(({ fingerprint }) => fingerprint));
    const missing = listBrought().flatMap(({ run, tasks: named }) => {
      const absent = named.filter(({ fingerprint }) => !known.has(fingerprint));
      return absent.map(({ name }) => ({ fileName: run.source.fileName ?? '', name }));
    });
    const isRead = tasks.getState().tasks.status === 'ready';
    const runs = entry === null ? [] : listAnswered(entry).map(({ run }) => run);
    const told = { runs, missing: isRead ? missing : [] };
    const { runs: before, missing: missingBefore } = store.getState();
    // While a run goes on it is told all the time, and who draws it need not know.
    if (JSON.stringify(told) !== JSON.stringify({ runs: before, missing: missingBefore })) store.setState(told);
  }

  const show = (beside: BesidePhase) => store.setState({ beside });

  const redraw = createRedraw(async () => {
    const entry = toEntry();
    tell(entry);
    const wanted = entry && toWanted(entry);
    if (entry === null || wanted === null) {
      drawn = null;
      return show({ status: 'none' });
    }
    try {
      if (wanted.answers === null) await readFirst(wanted);
      else await drawRun(wanted.run, wanted.answers, entry);
    } catch (error) {
      if (isStill(wanted.run, entry)) show({ status: 'failed', error: toWireError(error) });
    }
  });

  /** What comes of it is drawn when it is there. */
  async function readFirst({ run, read }: Brought): Promise<void> {
    if (unread.has(run.id)) return;
    show({ status: 'loading' });
    const isRead = await read();
    const now = listBrought().find((each) => each.run.id === run.id);
    if (now === undefined || now.answers !== null) return;
    unread.add(run.id);
    const name = quote(run.source.fileName ?? '');
    const problem = isRead ? 'could not be read' : 'was not read: that was stopped';
    throw new AppError('input-invalid', `${name} ${problem}.`, { file: run.source.fileName ?? '' });
  }

  async function drawRun(run: BesideRun, answers: ImportedTasks, entry: TaskEntry): Promise<void> {
    const { choice, run: running } = tasks.getState();
    const { metric, groupBy } = choice;
    const isDrawn = (of: Drawn) =>
      of.answers === answers && of.entry === entry && of.metric === metric && of.groupBy === groupBy;
    const former = drawn !== null && isDrawn(drawn) ? drawn : null;
    const { beside } = store.getState();
    // By another metric the same run may stand until its new figures are there; nothing of another run or task may.
    const isOfRun = beside.status === 'ready' && beside.of.run.id === run.id && beside.of.results.entry === entry;
    if (!isOfRun) show({ status: 'loading' });
    const isSameTask = drawn?.answers === answers && drawn.entry === entry;
    const of = isSameTask && drawn !== null ? drawn.of : toBesideAnswers(run, answers, entry);
    const results = former?.results ?? (of && (await toBesideResults(of, choice, statistics)));
    if (of === null || results === null) return show({ status: 'none' });
    const now: Drawn = { answers, entry, metric, groupBy, of, results, against: former?.against ?? null };
    drawn = now;
    const showNow = () => {
      if (isStill(run, entry)) show({ status: 'ready', of: { run, results, against: now.against?.found ?? null } });
    };
    const here = await toHere(entry);
    if (here === null) now.against = { mark: '', found: [] };
    showNow();
    // A run that adds answers all the time would be compared all the time.
    if (here === null || here.mark === now.against?.mark || (running.status === 'running' && now.against !== null))
      return;
    const found = await compareWithHere(of, here, choice, statistics);
    now.against = { mark: here.mark, found };
    showNow();
  }

  /** Whether a run's answers to a task are still what is to be drawn; else the next drawing is on its way. */
  function isStill({ id }: BesideRun, entry: TaskEntry): boolean {
    return toEntry() === entry && toWanted(entry)?.run.id === id;
  }

  /** What the device at hand answered to a task with the recipe on the page; null where that is nothing. */
  async function toHere(entry: TaskEntry): Promise<(AnswersHere & Pick<BesideRun, 'recipe'>) | null> {
    const [manifest, library] = [pack.manifest(), options.library()];
    const { engine: phase } = engine.store.getState();
    const book = phase.status === 'ready' ? library?.bookOf(phase.device) : library?.latest();
    if (manifest === null || library === null || book == null) return null;
    await library.documents.read(entry.fingerprint);
    const { recipe: onPage } = recipe.store.getState();
    const deviceId = toDeviceId(book.device);
    const units = planUnits(REGIME_KEYS, onPage, manifest, board.getState().textPrompt);
    const scoresOf = (regimeId: string) => library.documents.at({ deviceId, regimeId, task: entry.fingerprint });
    const counts = units.map(({ regime }) => `${regime.id} ${scoresOf(regime.id).size}`);
    const isNothing = units.every(({ regime }) => scoresOf(regime.id).size === 0);
    return isNothing ? null : { recipe: onPage, units, scoresOf, mark: JSON.stringify([deviceId, counts]) };
  }

  async function readAll(): Promise<readonly TaskResults[]> {
    if (listBrought().every(({ tasks: named }) => named.length === 0)) return [];
    await tasks.getState().load();
    const { choice } = tasks.getState();
    const all: TaskResults[] = [];
    for (const { run, answers } of listBrought()) {
      if (answers === null) continue;
      for (const entry of toEntries()) {
        const of = toFitting(run, answers, entry);
        const results = of && (await toBesideResults(of, choice, statistics));
        if (of === null || results === null) continue;
        const here = await toHere(entry);
        const against = here === null ? [] : await compareWithHere(of, here, choice, statistics);
        all.push({ ...results, comparisons: [...results.comparisons, ...against] });
      }
    }
    return all;
  }

  share.subscribe((state, previous) => {
    if (state.imported !== previous.imported) redraw();
  });
  view.subscribe((state, previous) => {
    if (state.importedId === previous.importedId) return;
    store.setState({ pickedId: null });
    redraw();
  });
  // What a run ends with is drawn after it has ended.
  tasks.subscribe((state, { tasks: phase, choice, live }) => {
    if (state.tasks !== phase || state.choice !== choice || state.live !== live) redraw();
  });
  return {
    draw: () => {
      unread.clear();
      redraw();
    },
    readAll,
  };
}

/** Answers that do not fit their task are told in its tab, and have no figures. */
function toFitting(run: BesideRun, answers: ImportedTasks, entry: TaskEntry): BesideAnswers | null {
  try {
    return toBesideAnswers(run, answers, entry);
  } catch {
    return null;
  }
}
