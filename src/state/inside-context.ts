import { linearModules } from '../core/checkpoint/checkpoint.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import { isSameRecipe } from '../core/compress/recipe-key.ts';
import { AppError, type WireError } from '../core/errors.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import { REGIME_KEYS, type Regime, type RegimeKey } from '../core/recover/regime.ts';
import { type PlanContext, toAskedContext, toColumnPlan, toFactExposure } from './columns.ts';
import { type InsideChoice, type InsideQuestion, type InsideWait, POOL_KEYS } from './inside-state.ts';
import type { InsideOptions } from './inside-stores.ts';

/** What a look inside is of. */
export interface InsideContext {
  recipe: Recipe;
  manifest: PackManifest;
  /** Null before anything is typed. */
  question: InsideQuestion | null;
  /** The same text for the same question on the same kind of device. */
  name: string;
  /** The regimes that can be asked, in the order of every board. */
  regimes: ReadonlyMap<RegimeKey, Regime>;
  /** Those of them whose repair was trained for another recipe. */
  transferred: readonly RegimeKey[];
  /** Those of them whose repair was trained on the fact that is asked for. */
  seen: readonly RegimeKey[];
}

type Sources = Pick<InsideOptions, 'engine' | 'recipe' | 'pack' | 'board' | 'turns'>;

/** What the page is about now; null while the pack is read. */
export function readInsideContext({ engine, recipe: live, pack, board }: Sources): InsideContext | null {
  const manifest = pack.manifest();
  if (manifest === null) return null;
  const { question: asked, exposure, textPrompt } = board.getState();
  const { recipe } = live.store.getState();
  const { engine: phase } = engine.store.getState();
  const plan: PlanContext = { recipe, manifest, exposure, textPrompt, fact: asked.fact };
  const regimes = new Map<RegimeKey, Regime>();
  const plans = REGIME_KEYS.map((key) => toColumnPlan(key, plan));
  for (const { key, regime } of plans) if (regime !== null) regimes.set(key, regime);
  const transferred = plans.filter((each) => each.transferred).map(({ key }) => key);
  const seen = plans
    .filter(({ repair }) => repair !== null && toFactExposure(asked.fact, repair) === 'seen')
    .map(({ key }) => key);
  const context = toAskedContext(asked, pack.store.getState().facts);
  const answer = asked.fact?.answer ?? null;
  const question = asked.text.trim() === '' ? null : { text: asked.text, context, answer };
  const name = JSON.stringify([phase.status === 'ready' ? phase.device.kind : null, context, answer]);
  return { recipe, manifest, question, name, regimes, transferred, seen };
}

/** Why nothing can be looked into now; `error` where waiting will not help. */
export interface InsideBlock {
  waitsFor: InsideWait;
  error: WireError | null;
}

/** What every part of the work is told whenever something moves that a look inside hangs on. */
export interface InsideMoment {
  /** Null while the pack is read. */
  context: InsideContext | null;
  /** Null where the model can be looked into now. */
  block: InsideBlock | null;
}

/** What stands between the page and a look inside. */
export function readBlock(
  { engine, recipe: live, board, turns }: Sources,
  context: InsideContext | null,
): InsideBlock | null {
  const { engine: phase } = engine.store.getState();
  if (phase.status !== 'ready') {
    return { waitsFor: 'model', error: phase.status === 'failed' ? phase.error : null };
  }
  const { variant, recipe, applied, problem } = live.store.getState();
  if (problem !== null) return { waitsFor: 'variant', error: problem };
  if (variant.status === 'failed') return { waitsFor: 'variant', error: variant.error };
  const isApplied = variant.status === 'ready' && applied !== null && isSameRecipe(applied, recipe);
  if (context === null || !isApplied) return { waitsFor: 'variant', error: null };
  return turns.isBusy() || board.getState().isAsking ? { waitsFor: 'run', error: null } : null;
}

/** What of a choice can be met: a regime, a layer, a pool or a matrix that is not there gives way to the nearest that is. */
export function meetChoice(wanted: InsideChoice, { manifest, regimes }: InsideContext): InsideChoice {
  const { layers } = manifest.checkpoint;
  const toNear = (key: RegimeKey) => findNearest(REGIME_KEYS, key, (each) => regimes.has(each));
  return {
    ...wanted,
    left: toNear(wanted.left),
    right: toNear(wanted.right),
    matrixOf: toNear(wanted.matrixOf),
    donor: toNear(wanted.donor),
    receiver: toNear(wanted.receiver),
    layer: Math.min(wanted.layer, layers - 1),
    pool: findNearest(POOL_KEYS, wanted.pool, (each) => regimes.has(each)),
    module: toModule(wanted.module, layers),
  };
}

/** The entry of a list that holds and stands closest to another, the earlier of two as close; that one itself where none does. */
function findNearest<T>(list: readonly T[], wanted: T, holds: (entry: T) => boolean): T {
  const at = list.indexOf(wanted);
  const near = list.filter(holds).sort((one, other) => toGap(one) - toGap(other));
  function toGap(entry: T): number {
    return Math.abs(list.indexOf(entry) - at);
  }
  return near[0] ?? wanted;
}

/** The same matrix of the last layer where the model has not that many. */
function toModule(module: string, numLayers: number): string {
  const modules = linearModules(numLayers);
  if (modules.includes(module)) return module;
  const last = module.replace(/^model\.layers\.\d+\./, `model.layers.${numLayers - 1}.`);
  return modules.find((each) => each === last) ?? modules[0] ?? module;
}

/** The regime of a place; throws `input-invalid` where the recipe has none. */
export function regimeOf({ regimes }: InsideContext, key: RegimeKey): Regime {
  const regime = regimes.get(key);
  if (regime === undefined) throw new AppError('input-invalid', `This recipe has no regime "${key}".`, { field: key });
  return regime;
}
