import { parseRecipe } from '../core/compress/parse-recipe.ts';
import { parseJsonLines } from '../core/eval/json-lines.ts';
import { parseResults, type SavedResults } from '../core/harness/parse-results.ts';
import { isObject, parseJson, quote, show } from '../core/json.ts';
import { REGIME_KEYS } from '../core/recover/regime.ts';
import { refuseRun } from './refuse-run.ts';
import type { Outcome } from './result-book.ts';
import { MAX_RUN_ITEMS, type SavedRun } from './run-file.ts';

/** A file that was brought, its folder in its path where that is known. */
export interface NamedBytes {
  path: string;
  bytes: Uint8Array;
}

/**
 * A pair of files that `toHarnessFiles` made, as a run of one regime: right and wrong, and where it was made; no times, no sizes and, but in
 * files of earlier versions, no log-likelihoods, which the harness does not keep of what is written. Throws `input-invalid` or `task-invalid` with file, line and field.
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

/** Not a number beside what the model wrote; files of earlier versions have it in the place of that. */
function toLogLikelihood(value: Readonly<Record<string, unknown>>, path: string, place: string): number {
  const [first]: readonly unknown[] = Array.isArray(value.filtered_resps) ? value.filtered_resps : [];
  if (typeof first === 'string') return Number.NaN;
  const [text]: readonly unknown[] = Array.isArray(first) ? first : [];
  const number = typeof text === 'string' ? Number(text) : Number.NaN;
  return number <= 0 ? number : refuseRun(path, `filtered_resps of ${place}`, show(text));
}
