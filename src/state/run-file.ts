import * as z from 'zod/mini';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import { parseJson, show } from '../core/json.ts';
import { REGIME_KEYS, type RegimeKey } from '../core/recover/regime.ts';
import type { RegimeSize } from '../engine/protocol.ts';
import { regimeSize, whole } from './recorded-fields.ts';
import { refuseRun } from './refuse-run.ts';
import type { TwinFold } from './regimes.ts';
import type { Outcome, StoredDevice } from './result-book.ts';
import { fileTask, MAX_RUN_TASKS, type SavedTask, toSavedTasks, toTaskPieces } from './run-tasks.ts';
import { type Timings, timings } from './timings.ts';

/** What a file of ours calls itself. */
const RUN_KIND = 'recall-lab-run';

/** Most questions of a run: ten times those of the shipped world, 2,992 facts in 3 forms. */
export const MAX_RUN_ITEMS = 100_000;

/** Most units: every place of the board with two twins. */
const MAX_UNITS = 2 * REGIME_KEYS.length;

/** What one regime did in a saved run. */
export interface SavedUnit {
  key: RegimeKey;
  /** The fold that its repair saw; null without a repair. */
  fold: TwinFold | null;
  /** By item id. */
  outcomes: ReadonlyMap<string, Outcome>;
  timings: Timings | null;
  size: RegimeSize | null;
}

/** A run of one recipe as it leaves the page and comes back. */
export interface SavedRun {
  /** Of the pack: its id, and what differs whenever an answer may. */
  pack: { id: string; fingerprint: string };
  /** Engines of one version give the same answers. */
  engineVersion: number;
  device: StoredDevice;
  recipe: Recipe;
  /** What the regime `text` put before each question; empty without one. */
  textPrompt: string;
  /** Number of items, set before the run, from which on its comparisons may be called decided; null where the file does not say. */
  presetItems: number | null;
  units: readonly SavedUnit[];
  /** What was answered to tasks; empty where nothing was. */
  tasks: readonly SavedTask[];
}

const shortText = z.string().check(z.maxLength(500));
const regime = z.object({
  key: z.enum(REGIME_KEYS),
  trainedOn: z.nullable(z.enum(['A', 'B'])),
  /** One character an item: 1 right, 0 wrong, - not asked. */
  answers: z.string().check(z.regex(/^[01-]*$/)),
  /** Of the items that were asked, in their order; null where it was not finite. */
  logLikelihoods: z.array(z.nullable(z.number().check(z.maximum(0)))),
  /** Likewise; empty where nothing was chosen. */
  chosenPrompts: z.array(z.nullable(whole)),
  timings: z.nullable(timings),
  size: z.nullable(regimeSize),
});
const file = z.object({
  kind: z.literal(RUN_KIND),
  version: z.literal(1),
  pack: z.object({ id: shortText, fingerprint: shortText }),
  engineVersion: whole,
  device: z.object({
    device: shortText,
    deviceKind: z.enum(['webgpu', 'wasm']),
    isSoftware: z.boolean(),
    date: z.string().check(
      z.maxLength(40),
      z.refine((date) => !Number.isNaN(Date.parse(date))),
    ),
  }),
  recipe: z.unknown(),
  textPrompt: z.string().check(z.maxLength(10_000)),
  /** Files of earlier versions are without. */
  presetItems: z.exactOptional(z.int().check(z.minimum(1), z.maximum(MAX_RUN_ITEMS))),
  items: z.array(z.string().check(z.minLength(1), z.maxLength(500))).check(z.maxLength(MAX_RUN_ITEMS)),
  regimes: z.array(regime).check(z.maxLength(MAX_UNITS)),
  /** Files of earlier versions are without, and so is what answered no task. */
  tasks: z.exactOptional(z.array(fileTask).check(z.minLength(1), z.maxLength(MAX_RUN_TASKS))),
});

type FileRegime = z.infer<typeof regime>;

/** A run as the text of a file; `parseRunFile` gives it back. */
export function toRunFile(run: SavedRun): string {
  return [...toRunPieces(run)].join('');
}

/** The same piece by piece, a regime each: text of megabytes made at once would hold up a page. */
export function* toRunPieces({ units, tasks, ...about }: SavedRun): Generator<string, void> {
  const { pack, engineVersion, device, recipe, textPrompt, presetItems } = about;
  const items = [...new Set(units.flatMap(({ outcomes }) => [...outcomes.keys()]))].sort();
  const preset = presetItems === null ? {} : { presetItems };
  const head = { kind: RUN_KIND, version: 1, pack, engineVersion, device, recipe, textPrompt, ...preset, items };
  yield `${JSON.stringify(head).slice(0, -1)},"regimes":[`;
  for (const [i, unit] of units.entries()) yield `${i === 0 ? '' : ','}${JSON.stringify(toFileRegime(unit, items))}`;
  yield ']';
  if (tasks.length > 0) {
    yield ',"tasks":[';
    yield* toTaskPieces(tasks);
    yield ']';
  }
  yield '}\n';
}

function toFileRegime({ key, fold, outcomes, timings, size }: SavedUnit, items: readonly string[]): FileRegime {
  const asked = items.flatMap((id) => outcomes.get(id) ?? []);
  return {
    key,
    trainedOn: fold,
    answers: items.map((id) => toMark(outcomes.get(id))).join(''),
    logLikelihoods: asked.map(({ logLikelihood }) => (Number.isFinite(logLikelihood) ? logLikelihood : null)),
    chosenPrompts: asked.some(({ chosenPrompt }) => chosenPrompt !== null)
      ? asked.map(({ chosenPrompt }) => chosenPrompt)
      : [],
    timings,
    size,
  };
}

function toMark(outcome: Outcome | undefined): string {
  return outcome === undefined ? '-' : outcome.isRight ? '1' : '0';
}

/** A run out of the bytes of its file; throws `input-invalid` naming file and field, or `recipe-invalid`. */
export function parseRunFile(bytes: Uint8Array, fileName: string): SavedRun {
  const json = parseJson(bytes, fileName, 'input-invalid');
  const parsed = file.safeParse(json);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.map(String) ?? [];
    const value = toField(json, path);
    return refuseRun(
      fileName,
      path.join('.'),
      value === undefined ? 'missing' : `${show(value)}, which cannot stand there`,
    );
  }
  const {
    pack,
    engineVersion,
    device,
    recipe,
    textPrompt,
    presetItems = null,
    items,
    regimes,
    tasks = [],
  } = parsed.data;
  if (regimes.length === 0 && tasks.length === 0) refuseRun(fileName, 'regimes', 'empty, and no task was answered');
  if (new Set(items).size < items.length) refuseRun(fileName, 'items', 'an id stands there twice');
  const places = new Set(regimes.map(({ key, trainedOn }) => `${key} ${trainedOn}`));
  if (places.size < regimes.length) refuseRun(fileName, 'regimes', 'a regime stands there twice');
  return {
    pack,
    engineVersion,
    device,
    recipe: parseRecipe(recipe),
    textPrompt,
    presetItems,
    units: regimes.map((each, i) => toUnit(each, items, fileName, `regimes.${i}`)),
    tasks: toSavedTasks(tasks, fileName),
  };
}

/** What stands at a path of an outside value; nothing where the path ends before. */
function toField(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = Object.getOwnPropertyDescriptor(at, key)?.value;
  }
  return at;
}

function toUnit(from: FileRegime, items: readonly string[], fileName: string, field: string): SavedUnit {
  const { key, trainedOn, answers, logLikelihoods, chosenPrompts, timings, size } = from;
  const asked = items.filter((_, i) => (answers[i] ?? '-') !== '-');
  const marks = answers.replaceAll('-', '');
  const expectLength = (name: string, length: number, allowed: number) => {
    if (length !== allowed) refuseRun(fileName, `${field}.${name}`, `${length} long, where ${allowed} must stand`);
  };
  expectLength('answers', answers.length, items.length);
  expectLength('logLikelihoods', logLikelihoods.length, asked.length);
  if (chosenPrompts.length > 0) expectLength('chosenPrompts', chosenPrompts.length, asked.length);
  const outcomes = asked.map((id, i): [string, Outcome] => {
    const logLikelihood = logLikelihoods[i] ?? Number.NEGATIVE_INFINITY;
    return [id, { isRight: marks[i] === '1', logLikelihood, chosenPrompt: chosenPrompts[i] ?? null }];
  });
  return { key, fold: trainedOn, outcomes: new Map(outcomes), timings, size };
}
