import * as z from 'zod/mini';
import { LINEAR_NAMES } from '../core/checkpoint/checkpoint.ts';
import { DISTANCE_QUANTITIES, PATCH_TARGETS } from '../core/inside/capture.ts';
import { REGIME_KEYS } from '../core/recover/regime.ts';
import {
  DISTANCE_MEASURES,
  HISTOGRAM_HEIGHTS,
  INSIDE_VIEWS,
  type InsideChoice,
  LENS_MEASURES,
  MATRIX_STAGES,
  PATCH_MEASURES,
  POOL_KEYS,
} from './inside-state.ts';

/** What is looked at first. */
export const DEFAULT_INSIDE_CHOICE: InsideChoice = {
  view: 'attention',
  left: 'dense',
  right: 'idp',
  layer: 0,
  head: null,
  quantity: 'attention',
  measure: 'cosine',
  items: 40,
  lensMeasure: 'whole',
  pool: 'idp',
  module: 'model.layers.0.self_attn.q_proj',
  matrixOf: 'lora-merged',
  heights: 'count',
  matrixStage: 'after',
  patternView: { zoom: 0, middle: { row: 0, column: 0 } },
  donor: 'dense',
  receiver: 'compressed',
  patched: 'residual',
  patchMeasure: 'probability',
};

/** More questions than a small world has; a run takes those that there are. */
export const MAX_INSIDE_ITEMS = 10_000;

/** Above every layer and head of a model that a page can run. */
const MAX_PLACE = 999;

const regime = z.enum(REGIME_KEYS);
/** A row or a column of a matrix, or between two; far above any that there is. */
const weight = z.number().check(z.minimum(0), z.maximum(1e6));
const place = z.int().check(z.minimum(0), z.maximum(MAX_PLACE));
const module = new RegExp(`^model\\.layers\\.\\d{1,3}\\.(${LINEAR_NAMES.join('|').replaceAll('.', '\\.')})$`);

const FIELDS = {
  view: z.enum(INSIDE_VIEWS),
  left: regime,
  right: regime,
  layer: place,
  head: z.nullable(place),
  quantity: z.enum(DISTANCE_QUANTITIES),
  measure: z.enum(DISTANCE_MEASURES),
  items: z.int().check(z.minimum(1), z.maximum(MAX_INSIDE_ITEMS)),
  lensMeasure: z.enum(LENS_MEASURES),
  pool: z.enum(POOL_KEYS),
  module: z.string().check(z.regex(module)),
  matrixOf: regime,
  heights: z.enum(HISTOGRAM_HEIGHTS),
  matrixStage: z.enum(MATRIX_STAGES),
  patternView: z.object({ zoom: place, middle: z.object({ row: weight, column: weight }) }),
  donor: regime,
  receiver: regime,
  patched: z.enum(PATCH_TARGETS),
  patchMeasure: z.enum(PATCH_MEASURES),
};

/** An outside choice over another one; names of fields that were damaged, such as `inside.layer`, which stay as they were. */
export function takeInsideChoice(outside: unknown, over: InsideChoice): { choice: InsideChoice; damaged: string[] } {
  if (outside === undefined) return { choice: over, damaged: [] };
  if (typeof outside !== 'object' || outside === null) return { choice: over, damaged: ['inside'] };
  const values: Readonly<Record<string, unknown>> = { ...outside };
  const damaged: string[] = [];
  function take<K extends keyof typeof FIELDS>(name: K): InsideChoice[K] {
    const value = values[name];
    if (value === undefined) return over[name];
    const parsed = FIELDS[name].safeParse(value);
    if (parsed.success) return parsed.data as InsideChoice[K];
    damaged.push(`inside.${name}`);
    return over[name];
  }
  const choice: InsideChoice = {
    view: take('view'),
    left: take('left'),
    right: take('right'),
    layer: take('layer'),
    head: take('head'),
    quantity: take('quantity'),
    measure: take('measure'),
    items: take('items'),
    lensMeasure: take('lensMeasure'),
    pool: take('pool'),
    module: take('module'),
    matrixOf: take('matrixOf'),
    heights: take('heights'),
    matrixStage: take('matrixStage'),
    patternView: take('patternView'),
    donor: take('donor'),
    receiver: take('receiver'),
    patched: take('patched'),
    patchMeasure: take('patchMeasure'),
  };
  return { choice, damaged };
}
