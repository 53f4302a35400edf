import { parseRecipe } from '../core/compress/parse-recipe.ts';
import { isSameRecipe } from '../core/compress/recipe-key.ts';
import type { Fact, Relation } from '../core/eval/fact.ts';
import { parseJsonLines } from '../core/eval/json-lines.ts';
import { toTaskConfig } from '../core/harness/parse-config.ts';
import { parseResults, type SavedResults } from '../core/harness/parse-results.ts';
import { toHarnessTask } from '../core/harness/parse-task.ts';
import { type Aggregate, toResultsFile } from '../core/harness/results-file.ts';
import type { ResultFile, TaskRun } from '../core/harness/run.ts';
import { type Digest, toSamplesFile } from '../core/harness/samples-file.ts';
import type { HarnessTask, TaskDocument } from '../core/harness/task.ts';
import { isObject, parseJson, quote, show } from '../core/json.ts';
import type { Fold, PackManifest } from '../core/pack/manifest.ts';
import { REGIME_KEYS, type RegimeKey } from '../core/recover/regime.ts';
import { turnEventLoop } from '../engine/stopping.ts';
import { planItems } from './evaluation-plan.ts';
import { refuseRun } from './refuse-run.ts';
import type { TwinFold } from './regimes.ts';
import type { Outcome } from './result-book.ts';
import { MAX_RUN_ITEMS, type SavedRun, type SavedUnit } from './run-file.ts';

export interface HarnessPlace {
  manifest: PackManifest;
  facts: readonly Fact[];
  relations: ReadonlyMap<string, Relation>;
}

const FOLDS: readonly Fold[] = ['A', 'B'];

/** What takes time and is done elsewhere. */
export interface HarnessTools {
  digest: Digest;
  aggregate: Aggregate;
}

/** What a regime answered to further tasks. */
export interface UnitTasks {
  key: RegimeKey;
  fold: TwinFold | null;
  runs: readonly TaskRun[];
}

/**
 * A run as lm-evaluation-harness writes it: a folder per regime, named after it as a model, with `results_<date>.json` and
 * `samples_<task>_<date>.jsonl`. The questions of the folds A and B are the pack's own task; those of control subjects are another one.
 * A repair's results also tell the held-out, seen and control documents of a task apart. What a regime answered to further tasks stands
 * beside the facts. One file after the other: of every question in every regime there are 130 MB.
 */
export async function* toHarnessFiles(
  run: SavedRun,
  place: HarnessPlace,
  { digest, aggregate }: HarnessTools,
  further: readonly UnitTasks[] = [],
): AsyncGenerator<ResultFile> {
  const name = place.manifest.tasks[0]?.id ?? run.pack.id;
  const tasks = [await toTask(name, FOLDS, place), await toTask(`${name}-control`, ['control'], place)];
  const dateMs = Date.parse(run.device.date);
  for (const unit of toUnits(run, further)) {
    await turnEventLoop();
    const others = further.find(({ key, fold }) => key === unit.key && fold === unit.fold)?.runs ?? [];
    const own = tasks.map((task) => toTaskRun(task, unit));
    const runs = [...own, ...others].filter(({ samples }) => samples.length > 0);
    if (runs.length === 0) continue;
    const model = toModelName(run, unit, place.manifest);
    const toNames = (named: readonly { config: { task: string } }[]) =>
      named.map(({ config }) => config.task).join(' ');
    const unsplit = unit.fold === null ? [] : runs.map(({ task }) => task).filter((task) => !hasTwinFolds(task));
    const modelArgs = { ...toArgs(run, unit), fact_tasks: toNames(tasks), unsplit_tasks: toNames(unsplit) };
    const results = await toResultsFile([...runs, ...toTwinRuns(runs, unit)], { model, modelArgs, dateMs }, aggregate);
    const toNamed = (file: ResultFile): ResultFile => ({ ...file, name: `${model}/${file.name}` });
    yield toNamed(results);
    for (const each of runs) yield toNamed(await toSamplesFile(each, dateMs, digest));
  }
}

/** The units of a run, and those that answered further tasks alone. */
function toUnits({ units }: SavedRun, further: readonly UnitTasks[]): readonly SavedUnit[] {
  const isNew = ({ key, fold }: UnitTasks) => units.every((unit) => unit.key !== key || unit.fold !== fold);
  const bare = { outcomes: new Map(), timings: null, size: null };
  return [...units, ...further.filter(isNew).map(({ key, fold }) => ({ key, fold, ...bare }))];
}

/** The questions of some folds as a task of the harness, in the order of a run. */
async function toTask(task: string, folds: readonly Fold[], { facts, relations }: HarnessPlace): Promise<HarnessTask> {
  const config = toTaskConfig(
    { task, output_type: 'generate_until', doc_to_text: 'context', doc_to_target: ' {{answer}}', target_delimiter: '' },
    task,
  );
  const items = planItems(facts, relations, folds);
  // Thousands of them: the page stays at hand between the steps.
  await turnEventLoop();
  const lines = items.map(({ id, context, answer, fact }) => {
    const { subject, domain, relation, fold } = fact;
    return { place: task, value: { id, context, answer, subject, domain, relation, fold } };
  });
  await turnEventLoop();
  return toHarnessTask(config, lines);
}

function toTaskRun(task: HarnessTask, { outcomes }: SavedUnit): TaskRun {
  const samples = task.documents.flatMap(({ id }, document) => {
    const outcome = outcomes.get(id);
    if (outcome === undefined) return [];
    return [{ document, scores: { logLikelihoods: [outcome.logLikelihood], isGreedy: [outcome.isRight] } }];
  });
  return { task, samples };
}

/** Whether some documents ask for facts that one twin of a repair saw and the other did not. */
function hasTwinFolds({ documents }: HarnessTask): boolean {
  return documents.some(({ fold }) => isTwinFold(fold));
}

function isTwinFold(fold: string | null): boolean {
  return FOLDS.some((each) => each === fold);
}

/** The documents of tasks apart by whether the repair saw their facts; none without a repair, and of tasks that no twin saw anything of. */
function toTwinRuns(runs: readonly TaskRun[], { fold: own }: SavedUnit): readonly TaskRun[] {
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
  const samples = run.samples.flatMap(({ document, scores }) => {
    const found = run.task.documents[document];
    const place = found && places.get(found);
    return place === undefined ? [] : [{ document: place, scores }];
  });
  return { task: { config: { ...config, task: `${config.task}-${suffix}` }, documents }, samples };
}

function toModelName({ recipe, pack }: SavedRun, { key, fold }: SavedUnit, manifest: PackManifest): string {
  const preset = manifest.recipes.find((entry) => isSameRecipe(entry.recipe, recipe))?.id ?? 'own-recipe';
  const parts = key === 'dense' ? [pack.id, key] : [pack.id, preset, key];
  return [...parts, ...(fold === null ? [] : [`trained-on-${fold.toLowerCase()}`])].join('_');
}

function toArgs(run: SavedRun, { key, fold }: SavedUnit): Readonly<Record<string, string>> {
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

/** A file that was brought, its folder in its path where that is known. */
export interface NamedBytes {
  path: string;
  bytes: Uint8Array;
}

/**
 * A pair of files that `toHarnessFiles` made, as a run of one regime: right and wrong, log-likelihoods, where it was made; no times and
 * no sizes, which the harness does not keep. Throws `input-invalid` or `task-invalid` with file, line and field.
 */
export function parseHarnessRun(results: NamedBytes, samples: readonly NamedBytes[]): SavedRun {
  const saved = parseResults(results.bytes, results.path);
  const read = (name: string) =>
    saved.modelArgs.get(name) ?? refuseRun(results.path, `config.model_args.${name}`, 'missing');
  const oneOf = <T extends string>(name: string, allowed: readonly T[]): T => {
    const value = read(name);
    return allowed.find((each) => each === value) ?? refuseRun(results.path, `config.model_args.${name}`, quote(value));
  };
  const fold = oneOf('trained_on', ['', 'A', 'B']);
  const factTasks = read('fact_tasks').split(' ');
  // Files of earlier versions are without.
  const preset = saved.modelArgs.get('preset_items') ?? '';
  const outcomes = new Map(
    samples.filter((file) => isOfTask(file, factTasks)).flatMap((file) => [...parseSamples(file)]),
  );
  checkCount(saved, factTasks, outcomes.size, results.path);
  return {
    pack: { id: read('pack'), fingerprint: read('pack_fingerprint') },
    engineVersion: toWhole('engine_version', read('engine_version'), results.path),
    device: {
      device: read('device'),
      deviceKind: oneOf('device_kind', ['webgpu', 'wasm']),
      isSoftware: oneOf('is_software', ['true', 'false']) === 'true',
      date: new Date(saved.dateMs).toISOString(),
    },
    recipe: parseRecipe(parseJson(new TextEncoder().encode(read('recipe')), results.path, 'input-invalid')),
    textPrompt: read('text_prompt'),
    presetItems: preset === '' ? null : toPresetItems(preset, results.path),
    units: [
      { key: oneOf('regime', REGIME_KEYS), fold: fold === '' ? null : fold, outcomes, timings: null, size: null },
    ],
    tasks: [],
  };
}

function toWhole(name: string, text: string, fileName: string): number {
  return /^\d{1,6}$/.test(text) ? Number(text) : refuseRun(fileName, `config.model_args.${name}`, quote(text));
}

/** Samples of further tasks are told by their name; what has none, such as a pasted text, is taken for facts. */
function isOfTask({ path }: NamedBytes, tasks: readonly string[]): boolean {
  const task = /(?:^|\/)samples_(.+)_\d{4}-[^/]*$/.exec(path)?.[1];
  return task === undefined || tasks.includes(task);
}

/** Of further tasks, and of parts of one, nothing comes back. */
function checkCount({ tasks }: SavedResults, factTasks: readonly string[], found: number, fileName: string): void {
  const allowed = tasks
    .filter(({ config }) => factTasks.includes(config.task))
    .reduce((sum, { effective }) => sum + effective, 0);
  if (found !== allowed) {
    refuseRun(fileName, 'n-samples', `${allowed} in all, where its samples files have ${found} answers`);
  }
}

function toPresetItems(text: string, fileName: string): number {
  const items = toWhole('preset_items', text, fileName);
  const isCount = items >= 1 && items <= MAX_RUN_ITEMS;
  return isCount ? items : refuseRun(fileName, 'config.model_args.preset_items', quote(text));
}

function parseSamples({ path, bytes }: NamedBytes): ReadonlyMap<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  for (const { place, value } of parseJsonLines(bytes, path, MAX_RUN_ITEMS)) {
    const id = isObject(value.doc) ? value.doc.id : undefined;
    if (typeof id !== 'string') return refuseRun(path, `doc.id of ${place}`, show(id));
    if (value.exact_match !== 0 && value.exact_match !== 1) {
      return refuseRun(path, `exact_match of ${place}`, show(value.exact_match));
    }
    if (outcomes.has(id)) refuseRun(path, `doc.id of ${place}`, `${quote(id)}, which stands there twice`);
    outcomes.set(id, {
      isRight: value.exact_match === 1,
      logLikelihood: toLogLikelihood(value, path, place),
      chosenPrompt: null,
    });
  }
  return outcomes;
}

function toLogLikelihood(value: Readonly<Record<string, unknown>>, path: string, place: string): number {
  const [first]: readonly unknown[] = Array.isArray(value.filtered_resps) ? value.filtered_resps : [];
  const [text]: readonly unknown[] = Array.isArray(first) ? first : [];
  const number = typeof text === 'string' ? Number(text) : Number.NaN;
  return number <= 0 ? number : refuseRun(path, `filtered_resps of ${place}`, show(text));
}
