import * as z from 'zod/mini';
import { isLevel, METHOD_IDS } from '../core/compress/levels.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import { toWireError } from '../core/errors.ts';
import { GREEDY, type Sampling } from '../core/eval/sampling.ts';
import { METRICS, type MetricName } from '../core/harness/metrics.ts';
import { REGIME_KEYS, type RegimeKey } from '../core/recover/regime.ts';
import type { Exposure, HighlightedKey } from './board-state.ts';
import type { PickedSides } from './comparisons-state.ts';
import { DEFAULT_FIGURE_CHOICE, type FigureChoice, takeFigureChoice } from './figure-choice.ts';
import { DEFAULT_INSIDE_CHOICE, takeInsideChoice } from './inside-choice.ts';
import type { InsideChoice } from './inside-state.ts';
import { STORAGE_PREFIX, type TextStorage } from './platform.ts';
import { TRAINED_KEYS, type TrainedKey } from './regimes.ts';
import { type RunFingerprint, runFingerprint } from './run-fingerprint.ts';
import type { TextSize, Theme } from './settings-state.ts';
import { DEFAULT_PLAN } from './sweep-plan.ts';
import type { SweepPlan } from './sweep-state.ts';
import { DEFAULT_TASK_CHOICE, MAX_TASK_LIMIT, MAX_TASK_SEED } from './task-plan.ts';
import { TASK_GROUPS, type TaskChoice } from './task-state.ts';
import {
  CELL_MEASURES,
  type CellMeasure,
  RESULT_VIEWS,
  type ResultView,
  SWEEP_MEASURES,
  type SweepMeasure,
} from './view-state.ts';

/** What a reload gives back. */
export interface Settings {
  theme: Theme;
  textSize: TextSize;
  highlighted: HighlightedKey;
  shown: readonly RegimeKey[];
  exposure: Exposure;
  sampling: Sampling;
  textPrompt: string;
  question: string;
  /** Null until the person has chosen one. */
  recipe: Recipe | null;
  sweep: SweepPlan;
  sweepMeasure: SweepMeasure;
  cellMeasure: CellMeasure;
  /** How the figures are shown. */
  figures: FigureChoice;
  /** What is compared beside the declared pairs, and the difference that items are counted for. */
  picked: PickedSides | null;
  plannedDifference: number | null;
  task: TaskChoice;
  /** Id of the open tab; null for the first one. */
  tab: string | null;
  results: ResultView;
  /** What a link told of its maker's run; null without. */
  linkedRun: RunFingerprint | null;
  /** The type of repair that the fact map is coloured by. */
  fateKey: TrainedKey;
  /** What of the inside of the regimes is looked at. */
  inside: InsideChoice;
}

export const DEFAULT_SETTINGS: Settings = {
  theme: 'system',
  textSize: 'normal',
  highlighted: 'idp',
  shown: REGIME_KEYS.slice(0, 5),
  exposure: 'held-out',
  sampling: GREEDY,
  textPrompt: '',
  question: '',
  recipe: null,
  sweep: DEFAULT_PLAN,
  sweepMeasure: 'accuracy',
  cellMeasure: 'klDivergence',
  figures: DEFAULT_FIGURE_CHOICE,
  picked: null,
  plannedDifference: null,
  task: DEFAULT_TASK_CHOICE,
  tab: null,
  results: 'live',
  linkedRun: null,
  fateKey: 'idp',
  inside: DEFAULT_INSIDE_CHOICE,
};

const SETTINGS_KEY = `${STORAGE_PREFIX}settings`;

/** Longest text of a person that is kept: far above any question, far below the browser's 5 MB. */
const MAX_TEXT = 10_000;

/** Above it the shipped model's answers are noise. */
export const MAX_TEMPERATURE = 2;

/** Far above what anybody waits for, and above every number of questions of a small world. */
export const MAX_SWEEP_ITEMS = 10_000;

const sweepMethod = z
  .object({ method: z.enum(METHOD_IDS), levels: z.array(z.number()) })
  .check(z.refine(({ method, levels }) => levels.every((level) => isLevel(method, level))));

const side = z.object({
  key: z.enum(REGIME_KEYS),
  exposure: z.enum(['held-out', 'seen']),
  run: z.optional(z.enum(['recorded', 'live'])),
});

/** Fields are checked one by one, so that a bad one costs only itself. */
const FIELDS = {
  theme: z.enum(['system', 'light', 'dark']),
  textSize: z.enum(['normal', 'large']),
  highlighted: z.enum(['idp', 'lora-merged']),
  shown: z.array(z.enum(REGIME_KEYS)),
  exposure: z.enum(['held-out', 'seen']),
  sampling: z.object({
    temperature: z.number().check(z.minimum(0), z.maximum(MAX_TEMPERATURE)),
    topK: z.int().check(z.minimum(0)),
    seed: z.int().check(z.minimum(0)),
  }),
  textPrompt: z.string().check(z.maxLength(MAX_TEXT)),
  question: z.string().check(z.maxLength(MAX_TEXT)),
  tab: z.nullable(z.string().check(z.regex(/^[a-z-]{1,40}$/))),
  results: z.enum(RESULT_VIEWS),
  sweepMeasure: z.enum(SWEEP_MEASURES),
  cellMeasure: z.enum(CELL_MEASURES),
  linkedRun: z.nullable(runFingerprint),
  picked: z.nullable(z.tuple([side, side])),
  plannedDifference: z.nullable(z.number().check(z.gt(0), z.lte(1))),
  sweep: z.object({
    // Plans of earlier versions, in links and on devices, say nothing of it.
    withShipped: z._default(z.boolean(), DEFAULT_PLAN.withShipped),
    methods: z.array(sweepMethod),
    regimes: z.array(z.enum(REGIME_KEYS)),
    itemsPerRegime: z.int().check(z.minimum(1), z.maximum(MAX_SWEEP_ITEMS)),
  }),
  task: z.object({
    id: z.nullable(z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/))),
    seed: z.int().check(z.minimum(0), z.maximum(MAX_TASK_SEED)),
    limit: z.int().check(z.minimum(1), z.maximum(MAX_TASK_LIMIT)),
    metric: z.nullable(z.enum(Object.keys(METRICS) as MetricName[])),
    groupBy: z.enum(TASK_GROUPS),
  }),
  fateKey: z.enum(TRAINED_KEYS),
};

export interface ReadSettings {
  settings: Settings;
  /** A sentence where something stored could not be used. */
  problem: string | null;
}

/** The settings of the last visit; what is damaged or missing falls back to its default, and says so. */
export function readSettings(texts: TextStorage, parseRecipe: (value: unknown) => Recipe): ReadSettings {
  let text: string | null;
  try {
    text = texts.read(SETTINGS_KEY);
  } catch {
    return {
      settings: DEFAULT_SETTINGS,
      problem: 'This browser denies storage, so settings last until the page closes.',
    };
  }
  if (text === null) return { settings: DEFAULT_SETTINGS, problem: null };
  const stored = parseObject(text);
  const { settings, damaged, refusal } = takeSettings(stored ?? {}, DEFAULT_SETTINGS, parseRecipe);
  if (stored === null) damaged.push('all of them');
  const problem = `Stored settings were damaged and set back to their defaults: ${damaged.join(', ')}.${refusal}`;
  return { settings, problem: damaged.length === 0 ? null : problem };
}

/**
 * The settings of an outside object over others; names of fields that were damaged, which stay as they were; and, behind a blank, what is wrong
 * with its recipe, empty where nothing is.
 */
export function takeSettings(
  outside: Readonly<Record<string, unknown>>,
  over: Settings,
  parseRecipe: (value: unknown) => Recipe,
): { settings: Settings; damaged: string[]; refusal: string } {
  const damaged: string[] = [];
  let refusal = '';
  function take<K extends keyof typeof FIELDS>(name: K): Settings[K] {
    const value = outside[name];
    if (value === undefined) return over[name];
    const parsed = FIELDS[name].safeParse(value);
    if (parsed.success) return parsed.data as Settings[K];
    damaged.push(name);
    return over[name];
  }
  function takeRecipe(): Recipe | null {
    const value = outside.recipe ?? null;
    try {
      return value === null ? over.recipe : parseRecipe(value);
    } catch (error) {
      damaged.push('recipe');
      refusal = ` ${toWireError(error).message}`;
      return over.recipe;
    }
  }
  function takeInside(): InsideChoice {
    // Before anything is chosen, the recovery that the page highlights stands beside the dense model.
    const isFirst = over.inside === DEFAULT_INSIDE_CHOICE;
    const inside = takeInsideChoice(outside.inside, isFirst ? { ...over.inside, right: highlighted } : over.inside);
    damaged.push(...inside.damaged);
    return inside.choice;
  }
  const highlighted = take('highlighted');
  const figures = takeFigureChoice(outside.figures, over.figures);
  damaged.push(...figures.damaged);
  const shown = new Set(take('shown'));
  const settings: Settings = {
    theme: take('theme'),
    textSize: take('textSize'),
    highlighted,
    shown: REGIME_KEYS.filter((key) => shown.has(key)),
    exposure: take('exposure'),
    sampling: take('sampling'),
    textPrompt: take('textPrompt'),
    question: take('question'),
    recipe: takeRecipe(),
    sweep: take('sweep'),
    sweepMeasure: take('sweepMeasure'),
    cellMeasure: take('cellMeasure'),
    figures: figures.choice,
    picked: take('picked'),
    plannedDifference: take('plannedDifference'),
    task: take('task'),
    tab: take('tab'),
    results: take('results'),
    linkedRun: take('linkedRun'),
    fateKey: take('fateKey'),
    inside: takeInside(),
  };
  return { settings, damaged, refusal };
}

/** Whether the settings are kept; false where the browser denies it. */
export function writeSettings(texts: TextStorage, settings: Settings): boolean {
  try {
    texts.write(SETTINGS_KEY, JSON.stringify(settings));
    return true;
  } catch {
    return false;
  }
}

/** A JSON object; null for any other text. */
export function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
