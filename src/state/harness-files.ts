import { isSameRecipe } from '../core/compress/recipe-key.ts';
import type { Fact, Relation } from '../core/eval/fact.ts';
import { toHarnessTask } from '../core/harness/parse-task.ts';
import { type Aggregate, toResultsFile } from '../core/harness/results-file.ts';
import { isWrittenWrong, type ResultFile, type TaskRun } from '../core/harness/run.ts';
import { type Digest, toSamplesFile } from '../core/harness/samples-file.ts';
import type { HarnessTask, TaskConfig, TaskDocument } from '../core/harness/task.ts';
import type { Fold, PackManifest } from '../core/pack/manifest.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import { turnEventLoop } from '../engine/stopping.ts';
import { planItems } from './evaluation-plan.ts';
import type { TwinFold } from './regimes.ts';
import type { SavedRun, SavedUnit } from './run-file.ts';

export interface HarnessPlace {
  manifest: PackManifest;
  facts: readonly Fact[];
  relations: ReadonlyMap<string, Relation>;
  /** The pack's task of facts, its questions written out. */
  factTask: TaskConfig;
}

const FOLDS: readonly Fold[] = ['A', 'B'];

/** What a regime wrote where it was wrong, by document: of all samples for which `isWrittenWrong` holds. */
export type ReadWritten = (unit: UnitName, run: TaskRun) => Promise<ReadonlyMap<string, string>>;

/** What takes time and is done elsewhere. */
export interface HarnessTools {
  digest: Digest;
  aggregate: Aggregate;
  readWritten: ReadWritten;
}

/** A regime, or one twin of its repair. */
export interface UnitName {
  key: RegimeKey;
  fold: TwinFold | null;
}

/** What a regime answered to further tasks. */
export interface UnitTasks extends UnitName {
  runs: readonly TaskRun[];
}

/** A run as tasks of the harness, regime by regime. */
export interface HarnessPlan {
  run: SavedRun;
  manifest: PackManifest;
  /** The pack's own task: the questions of the folds A and B, and those of control subjects. */
  factTasks: readonly HarnessTask[];
  units: readonly UnitName[];
  /** What a unit answered, facts first; made anew each time, since all of it at once takes much memory. */
  runsOf(unit: UnitName): readonly TaskRun[];
}

/** What a run has of the facts, with what its regimes answered to further tasks. */
export async function planHarness(
  run: SavedRun,
  place: HarnessPlace,
  further: readonly UnitTasks[] = [],
): Promise<HarnessPlan> {
  const { factTask, manifest } = place;
  const ofControl = { ...factTask, task: `${factTask.task}-control` };
  const factTasks = [await toTask(factTask, FOLDS, place), await toTask(ofControl, ['control'], place)];
  const isUnit =
    ({ key, fold }: UnitName) =>
    (unit: UnitName) =>
      unit.key === key && unit.fold === fold;
  return {
    run,
    manifest,
    factTasks,
    units: [...run.units, ...further.filter((each) => !run.units.some(isUnit(each)))],
    runsOf: (unit) => {
      const outcomes = run.units.find(isUnit(unit))?.outcomes ?? new Map();
      const others = further.find(isUnit(unit))?.runs ?? [];
      return [
        ...factTasks.map((task) => toTaskRun(task, outcomes)),
        ...others.map((each) => toEnding(each, factTask)),
      ].filter(({ samples }) => samples.length > 0);
    },
  };
}

/**
 * A run as lm-evaluation-harness writes it: a folder per regime, named after it as a model, with `results_<date>.json` and
 * `samples_<task>_<date>.jsonl`. The questions of the folds A and B are the pack's own task; those of control subjects are another one.
 * A repair's results also tell the held-out, seen and control documents of a task apart. What a regime answered to further tasks stands
 * beside the facts. One file after the other: of every question in every regime there are 130 MB. Only the regime itself can tell what it
 * wrote where it was wrong, so it is asked when its turn comes.
 */
export async function* toHarnessFiles(
  plan: HarnessPlan,
  { digest, aggregate, readWritten }: HarnessTools,
): AsyncGenerator<ResultFile> {
  const { run, manifest, factTasks } = plan;
  const dateMs = Date.parse(run.device.date);
  for (const unit of plan.units) {
    await turnEventLoop();
    const runs: TaskRun[] = [];
    for (const each of plan.runsOf(unit)) runs.push(toWrittenRun(each, await readWritten(unit, each)));
    if (runs.length === 0) continue;
    const model = toModelName(run, unit, manifest);
    const toNames = (named: readonly { config: { task: string } }[]) =>
      named.map(({ config }) => config.task).join(' ');
    const unsplit = unit.fold === null ? [] : runs.map(({ task }) => task).filter((task) => !hasTwinFolds(task));
    const modelArgs = { ...toArgs(run, unit), fact_tasks: toNames(factTasks), unsplit_tasks: toNames(unsplit) };
    const results = await toResultsFile([...runs, ...toTwinRuns(runs, unit)], { model, modelArgs, dateMs }, aggregate);
    const toNamed = (file: ResultFile): ResultFile => ({ ...file, name: `${model}/${file.name}` });
    yield toNamed(results);
    for (const each of runs) yield toNamed(await toSamplesFile(each, dateMs, digest));
  }
}

/** The questions of some folds as a task of the harness, in the order of a run. */
async function toTask(
  config: TaskConfig,
  folds: readonly Fold[],
  { facts, relations }: HarnessPlace,
): Promise<HarnessTask> {
  const items = planItems(facts, relations, folds);
  // Thousands of them: the page stays at hand between the steps.
  await turnEventLoop();
  const lines = items.map(({ id, context, answer, fact }) => {
    const { subject, domain, relation, fold } = fact;
    return { place: config.task, value: { id, context, answer, subject, domain, relation, fold } };
  });
  await turnEventLoop();
  return toHarnessTask(config, lines);
}

function toTaskRun(task: HarnessTask, outcomes: SavedUnit['outcomes']): TaskRun {
  const samples = task.documents.flatMap(({ id }, document) => {
    const outcome = outcomes.get(id);
    if (outcome === undefined) return [];
    return [{ document, scores: { logLikelihoods: [outcome.logLikelihood], isGreedy: [outcome.isRight] } }];
  });
  return { task, samples };
}

/** A task that does not say where an answer ends is asked up to the model's end token, like the task of facts. */
function toEnding({ task, samples }: TaskRun, { until }: TaskConfig): TaskRun {
  const { config } = task;
  if (config.outputType !== 'generate_until' || config.until !== null) return { task, samples };
  return { task: { ...task, config: { ...config, until } }, samples };
}

function toWrittenRun({ task, samples }: TaskRun, words: ReadonlyMap<string, string>): TaskRun {
  if (words.size === 0) return { task, samples };
  const toWritten = (sample: TaskRun['samples'][number]) => {
    const written = isWrittenWrong(task, sample) ? words.get(task.documents[sample.document]?.id ?? '') : undefined;
    return written === undefined ? sample : { ...sample, written };
  };
  return { task, samples: samples.map(toWritten) };
}

/** Whether some documents ask for facts that one twin of a repair saw and the other did not. */
function hasTwinFolds({ documents }: HarnessTask): boolean {
  return documents.some(({ fold }) => isTwinFold(fold));
}

function isTwinFold(fold: string | null): boolean {
  return FOLDS.some((each) => each === fold);
}

/** The documents of tasks apart by whether the repair saw their facts; none without a repair, and of tasks that no twin saw anything of. */
function toTwinRuns(runs: readonly TaskRun[], { fold: own }: UnitName): readonly TaskRun[] {
  if (own === null) return [];
  return runs
    .filter(({ task }) => hasTwinFolds(task))
    .flatMap((run) => [
      toPart(run, 'held-out', ({ fold }) => isTwinFold(fold) && fold !== own),
      toPart(run, 'seen', ({ fold }) => fold === own),
      toPart(run, 'control', ({ fold }) => fold === 'control'),
    ])
    .filter(({ samples }) => samples.length > 0);
}

/** Some documents of a task, under a name of their own. */
function toPart(run: TaskRun, suffix: string, isPart: (document: TaskDocument) => boolean): TaskRun {
  const { config } = run.task;
  const documents = run.task.documents.filter(isPart);
  const places = new Map(documents.map((document, place) => [document, place]));
  const samples = run.samples.flatMap((sample) => {
    const found = run.task.documents[sample.document];
    const place = found && places.get(found);
    return place === undefined ? [] : [{ ...sample, document: place }];
  });
  return { task: { config: { ...config, task: `${config.task}-${suffix}` }, documents }, samples };
}

function toModelName({ recipe, pack }: SavedRun, { key, fold }: UnitName, manifest: PackManifest): string {
  const preset = manifest.recipes.find((entry) => isSameRecipe(entry.recipe, recipe))?.id ?? 'own-recipe';
  const parts = key === 'dense' ? [pack.id, key] : [pack.id, preset, key];
  return [...parts, ...(fold === null ? [] : [`trained-on-${fold.toLowerCase()}`])].join('_');
}

function toArgs(run: SavedRun, { key, fold }: UnitName): Readonly<Record<string, string>> {
  const { pack, engineVersion, device, recipe, textPrompt, presetItems } = run;
  return {
    pack: pack.id,
    pack_fingerprint: pack.fingerprint,
    engine_version: String(engineVersion),
    recipe: JSON.stringify(recipe),
    regime: key,
    trained_on: fold ?? '',
    text_prompt: textPrompt,
    preset_items: String(presetItems ?? ''),
    device: device.device,
    device_kind: device.deviceKind,
    is_software: String(device.isSoftware),
  };
}
