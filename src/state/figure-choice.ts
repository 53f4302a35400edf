import * as z from 'zod/mini';
import { TIME_PHASES, type TimePhase } from '../core/eval/compare-times.ts';
import type { Exposure } from '../core/eval/comparisons.ts';
import { FATES, type Fate } from '../core/eval/fates.ts';
import { TRANSFER_TYPES, type TransferRoute, type TransferType } from './transfer-state.ts';

/** What regimes are compared by. */
export const COMPARED_BY = ['accuracy', ...TIME_PHASES] as const;
export type ComparedBy = (typeof COMPARED_BY)[number];

/** How figures are shown; a reload and a link give it back. */
export interface FigureChoice {
  /** Titles of the figures that stand as their tables. */
  tables: readonly string[];
  /** Items that a run of accuracies asks; null for what the device, or an earlier run, suggests. */
  items: number | null;
  comparedBy: ComparedBy;
  /** The time that accuracy is drawn against. */
  tradeoffTime: TimePhase;
  /** Fates that the fact map shows. */
  fates: readonly Fate[];
  /** Facts that repairs are shown on, by kind of document of a task. */
  groupExposure: Exposure;
  transferType: TransferType;
  /** The cell of the transfer matrix that is looked into; null for none. */
  transferRoute: TransferRoute | null;
}

export const DEFAULT_FIGURE_CHOICE: FigureChoice = {
  tables: [],
  items: null,
  comparedBy: 'accuracy',
  tradeoffTime: 'ttftMs',
  fates: FATES,
  groupExposure: 'held-out',
  transferType: 'pool-routed',
  transferRoute: null,
};

/** Twice as many figures as the page has, and room for the longest file name in a title. */
const MAX_TABLES = 60;
const MAX_TITLE = 400;

/** Far above every number of questions of a small world. */
const MAX_ITEMS = 100_000;

const recipeId = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/));

const FIELDS = {
  tables: z.array(z.string().check(z.maxLength(MAX_TITLE))).check(z.maxLength(MAX_TABLES)),
  items: z.nullable(z.int().check(z.minimum(1), z.maximum(MAX_ITEMS))),
  comparedBy: z.enum(COMPARED_BY),
  tradeoffTime: z.enum(TIME_PHASES),
  fates: z.array(z.enum(FATES)).check(z.maxLength(FATES.length)),
  groupExposure: z.enum(['held-out', 'seen']),
  transferType: z.enum(TRANSFER_TYPES),
  transferRoute: z.nullable(z.object({ from: recipeId, to: recipeId })),
};

/** An outside choice over another one; names of fields that were damaged, such as `figures.items`, which stay as they were. */
export function takeFigureChoice(outside: unknown, over: FigureChoice): { choice: FigureChoice; damaged: string[] } {
  if (outside === undefined) return { choice: over, damaged: [] };
  if (typeof outside !== 'object' || outside === null) return { choice: over, damaged: ['figures'] };
  const values: Readonly<Record<string, unknown>> = { ...outside };
  const damaged: string[] = [];
  function take<K extends keyof typeof FIELDS>(name: K): FigureChoice[K] {
    const value = values[name];
    if (value === undefined) return over[name];
    const parsed = FIELDS[name].safeParse(value);
    if (parsed.success) return parsed.data as FigureChoice[K];
    damaged.push(`figures.${name}`);
    return over[name];
  }
  const choice: FigureChoice = {
    tables: take('tables'),
    items: take('items'),
    comparedBy: take('comparedBy'),
    tradeoffTime: take('tradeoffTime'),
    fates: take('fates'),
    groupExposure: take('groupExposure'),
    transferType: take('transferType'),
    transferRoute: take('transferRoute'),
  };
  return { choice, damaged };
}
