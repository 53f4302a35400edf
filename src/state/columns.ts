import type { Recipe } from '../core/compress/recipe.ts';
import type { Fact } from '../core/eval/fact.ts';
import type { Sampling } from '../core/eval/sampling.ts';
import { toQuestionContext } from '../core/eval/tasks.ts';
import type { PackManifest, PackRepair } from '../core/pack/manifest.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { DeviceKind, PreparedRegime, RegimeSize } from '../engine/protocol.ts';
import type { Cell, Column, Exposure, Question } from './board-state.ts';
import type { FactsPhase } from './pack-state.ts';
import { toQuestion } from './questions.ts';
import { type RegimePlan, type TwinFold, toRegimePlan } from './regimes.ts';

/** All that decides what a column is; its cell aside. */
export interface ColumnContext {
  recipe: Recipe;
  manifest: PackManifest;
  exposure: Exposure;
  sampling: Sampling;
  textPrompt: string;
  fact: Fact | null;
  /** What the model reads, begin token excluded. */
  context: string;
  deviceKind: DeviceKind | null;
  prepared: ReadonlyMap<string, PreparedRegime>;
  /** Of the recipe's own variant, once it is built. */
  variantSize: RegimeSize | null;
}

/** What a question decides of the regime that answers it. */
export type PlanContext = Pick<ColumnContext, 'recipe' | 'manifest' | 'exposure' | 'textPrompt' | 'fact'>;

/** The regime of a column for the fact that is asked: its repair is the twin that the exposure wants. */
export function toColumnPlan(key: RegimeKey, context: PlanContext): RegimePlan {
  return toRegimePlan(key, { ...context, fold: toTwinFold(context.fact, context.exposure) });
}

/** The board's question as the model reads it: a fact in the words of its form, whatever case and spaces were typed. */
export function toAskedContext({ text, fact, form }: Question, facts: FactsPhase): string {
  const relation = fact !== null && facts.status === 'ready' ? facts.relations.get(fact.relation) : undefined;
  return toQuestionContext(fact !== null && relation !== undefined ? toQuestion(fact, relation, form ?? 0) : text);
}

/** Names an answer: the same text for the same question, regime, device and sampling. */
export function toAnswerKey(plan: RegimePlan, { deviceKind, context, sampling }: ColumnContext): string | null {
  if (plan.regime === null) return null;
  const { temperature, topK, seed } = sampling;
  // Greedy answers hang on no seed.
  const drawn = temperature === 0 ? 'greedy' : `${temperature} ${topK} ${seed}`;
  return [deviceKind ?? 'none', plan.regime.id, drawn, context].join('\n');
}

export function toColumn(plan: RegimePlan, context: ColumnContext, cell: Cell, isStale: boolean): Column {
  const prepared = plan.regime === null ? undefined : context.prepared.get(plan.regime.id);
  const variantSize = plan.key === 'compressed' ? context.variantSize : null;
  return {
    key: plan.key,
    regime: plan.regime,
    unavailable: plan.unavailable,
    repair: plan.repair,
    transferred: plan.transferred,
    exposure: plan.repair === null ? null : toFactExposure(context.fact, plan.repair),
    size: prepared?.size ?? variantSize,
    gate: prepared?.gate ?? null,
    cell,
    isStale,
  };
}

/** The column as it was where nothing on it has changed, so that whoever draws it can tell by its identity. */
export function toKeptColumn(former: Column | undefined, column: Column): Column {
  if (former === undefined) return column;
  const regime = former.regime?.id === column.regime?.id ? former.regime : column.regime;
  const next = { ...column, regime, cell: isSameAnswer(former.cell, column.cell) ? former.cell : column.cell };
  const names = Object.keys(next) as (keyof Column)[];
  return names.every((name) => Object.is(next[name], former[name])) ? former : next;
}

function isSameAnswer(one: Cell, other: Cell): boolean {
  return one.status === 'done' && other.status === 'done' && one.result === other.result;
}

/** The fold whose repair is to answer; facts outside both folds, and free text, get fold A's. */
function toTwinFold(fact: Fact | null, exposure: Exposure): TwinFold {
  if (fact?.fold === 'A') return exposure === 'seen' ? 'A' : 'B';
  if (fact?.fold === 'B') return exposure === 'seen' ? 'B' : 'A';
  return 'A';
}

/** What a repair knows of a fact from its training. */
export function toFactExposure(fact: Fact | null, repair: PackRepair): 'seen' | 'held-out' | 'outside' {
  if (fact === null || (fact.fold !== 'A' && fact.fold !== 'B')) return 'outside';
  if (fact.fold !== repair.fold) return 'held-out';
  // No repair is trained on a development fact, but its steps and levels were chosen on it.
  return fact.dev ? 'outside' : 'seen';
}
