import { readFileSync } from 'node:fs';
import type { Recipe } from '../../src/core/compress/recipe.ts';
import { parseTask } from '../../src/core/eval/tasks.ts';
import type { PackRecipe } from '../../src/core/pack/manifest.ts';
import { parseManifest } from '../../src/core/pack/parse.ts';
import type { Recovery } from '../../src/core/recover/recovery.ts';
import type { Regime } from '../../src/core/recover/regime.ts';
import type { ScoreItem, ScoreOutcome } from '../../src/engine/protocol.ts';
import { planItems } from '../../src/state/evaluation-plan.ts';
import { recoveriesOf } from '../../src/testing/recoveries.ts';
import { type EngineInPage, startEngine } from '../engine-in-page.ts';
import { expect, test } from '../fixtures.ts';

const PACK = new URL('../../dist/packs/atlas/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, PACK));
const manifest = parseManifest(JSON.parse(read('manifest.json').toString()));
const { facts, relations } = parseTask(read('tasks/atlas.json'), read('tasks/atlas.jsonl'));

/** Sums of a target's log-probabilities: a handful of float32 logits, each within the gate's 1e-3. */
const SCORE_TOLERANCE = 5e-3;
const DENSE: Regime = { id: 'dense', recipe: null, recovery: { kind: 'none' } };

interface Tried {
  entry: PackRecipe;
  /** Regimes to try, the bare recipe first. */
  regimes: Regime[];
}

/** Null repairs are no regime of the board, and run what the repairs run that they stand beside. */
function toRecoveries(recipeId: string): Recovery[] {
  return manifest.repairs.flatMap((repair) =>
    repair.recipeId === recipeId && !repair.shuffledAnswers ? recoveriesOf(repair) : [],
  );
}

/** Forms of the matrices: bits and group size choose kernels; pruned matrices run as dense ones do. */
function toForms({ steps }: Recipe): string {
  const forms = steps.flatMap((step) => {
    if (!('bits' in step)) return [];
    const { bits, groupSize, bitsPerMatrix = {} } = step;
    return [bits, ...Object.values(bitsPerMatrix)].map((each) => `${each}g${groupSize}`);
  });
  return [...new Set(forms)].sort().join(' ');
}

/** What is run for a recovery, whichever fold it was trained on. */
function toKind(recovery: Recovery): string {
  const repair = manifest.repairs.find(({ id }) => 'repairId' in recovery && id === recovery.repairId);
  const rank = repair?.kind === 'lora' ? repair.r : null;
  return JSON.stringify({ ...recovery, repairId: null, rank });
}

/**
 * What a device may get wrong is its kernels, and those follow from the forms of the matrices and the kind of recovery. Mild recipes, which
 * have every kind, try all their regimes where their forms are new; any other recipe itself, and the kinds that its forms have not met.
 * `src/engine/atlas.test.ts` tries every regime of every recipe on wasm.
 */
function planRegimes(recipes: readonly PackRecipe[]): Tried[] {
  const met = new Set<string>();
  return recipes.map((entry) => {
    const { id, recipe, severity } = entry;
    const forms = toForms(recipe);
    const isNew = !met.has(forms);
    met.add(forms);
    const recoveries = toRecoveries(id).filter((recovery) => {
      const key = `${forms} ${toKind(recovery)}`;
      const isMet = met.has(key);
      met.add(key);
      return !isMet || (isNew && severity === 'mild');
    });
    const all: Recovery[] = [{ kind: 'none' }, ...recoveries];
    return { entry, regimes: all.map((recovery) => ({ id: `${id} ${JSON.stringify(recovery)}`, recipe, recovery })) };
  });
}

async function open(
  page: Parameters<typeof startEngine>[0],
  choice: 'webgpu' | 'wasm',
  url: string,
): Promise<EngineInPage> {
  const engine = await startEngine(page);
  const { kind } = await engine.call('start', { choice });
  expect(kind).toBe(choice);
  await engine.call('loadPack', { baseUrl: new URL('packs/atlas/', url).href, manifest });
  return engine;
}

/** As on the page, the dense model comes first; it is what the device is checked with thoroughly. */
async function prepareDense(engine: EngineInPage): Promise<void> {
  const dense = await engine.call('prepareRegime', { regime: DENSE });
  const { length } = manifest.goldens.contexts;
  expect(dense).toMatchObject({ gate: { status: 'passed', agreeing: length, contexts: length }, sessionsCreated: 0 });
}

async function expectGoldens(engine: EngineInPage, { entry, regimes }: Tried): Promise<void> {
  await engine.call('loadRecipe', { recipe: entry.recipe });
  let largest = 0;
  for (const regime of regimes) {
    const { gate, sessionsCreated } = await engine.call('prepareRegime', { regime });
    expect(gate, regime.id).toMatchObject({ status: 'passed', agreeing: gate.contexts });
    expect(gate.contexts, regime.id).toBeGreaterThan(0);
    expect(gate.maxDifference, regime.id).toBeLessThanOrEqual(1e-3);
    expect(sessionsCreated, regime.id).toBe(0);
    largest = Math.max(largest, gate.maxDifference);
  }
  console.log(`${entry.id}: ${regimes.length} regimes pass, largest difference of a logit ${largest.toExponential(1)}`);
}

/** The shortest, the longest and some between: kernels change with the length of a row. */
function planScored(): ScoreItem[] {
  const planned = planItems(facts, relations, ['A', 'B']).slice(0, 400);
  const bySize = planned.sort((a, b) => a.context.length + a.answer.length - b.context.length - b.answer.length);
  return bySize.filter((_, i) => i % 40 === 0 || i === 399).map(({ id, context, answer }) => ({ id, context, answer }));
}

async function scoreAloneAndTogether(engine: EngineInPage, items: readonly ScoreItem[]): Promise<ScoreOutcome[]> {
  const outcomes: ScoreOutcome[] = [];
  for (const item of items) outcomes.push(...(await engine.call('score', { regime: DENSE, items: [item] })));
  outcomes.push(...(await engine.call('score', { regime: DENSE, items })));
  return outcomes;
}

// One page for all: a page of its own would check the dense model and compile its shaders anew.
test('every shipped recipe and every kind of recovery give the logits of PyTorch on WebGPU, no switch makes a session, and scores are those on wasm, in rows of every length', async ({
  page,
  build,
}) => {
  test.setTimeout(900_000);
  await page.goto(build.url);
  const engine = await open(page, 'webgpu', build.url);
  await prepareDense(engine);
  for (const tried of planRegimes(manifest.recipes)) await expectGoldens(engine, tried);

  const items = planScored();
  const onWebgpu = await scoreAloneAndTogether(engine, items);
  await engine.dispose();
  const peer = await open(page, 'wasm', build.url);
  const onWasm = await scoreAloneAndTogether(peer, items);
  await peer.dispose();
  expect(onWebgpu.length).toBe(2 * items.length);
  for (const [i, { id, logLikelihood, isRight }] of onWebgpu.entries()) {
    expect(Math.abs(logLikelihood - (onWasm[i]?.logLikelihood ?? Number.NaN)), id).toBeLessThanOrEqual(SCORE_TOLERANCE);
    expect(isRight, id).toBe(onWasm[i]?.isRight);
  }
});
