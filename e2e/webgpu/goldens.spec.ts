import { readFileSync } from 'node:fs';
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

/** Null repairs are no regime of the board: they are tried in one form here, in all of them on wasm. */
function toRegimes({ id, recipe }: PackRecipe): Regime[] {
  const repairs = manifest.repairs.filter(({ recipeId }) => recipeId === id);
  const recoveries: Recovery[] = [
    { kind: 'none' },
    ...repairs.flatMap((repair) => recoveriesOf(repair).slice(0, repair.shuffledAnswers ? 1 : undefined)),
  ];
  return recoveries.map((recovery) => ({ id: `${id} ${JSON.stringify(recovery)}`, recipe, recovery }));
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

async function expectGoldens(engine: EngineInPage, entry: PackRecipe): Promise<void> {
  await engine.call('loadRecipe', { recipe: entry.recipe });
  const regimes = toRegimes(entry);
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

const isQuantized = ({ recipe: { steps } }: PackRecipe) => steps.some((step) => 'bits' in step);

test.describe.configure({ mode: 'parallel' });

// A page of its own costs a recipe a start and the shaders anew, so those whose kernels are alike share one.
test('every shipped regime of quantized models gives the logits of PyTorch on WebGPU, and no switch makes a session', async ({
  page,
  build,
}) => {
  test.setTimeout(900_000);
  await page.goto(build.url);
  const engine = await open(page, 'webgpu', build.url);
  await prepareDense(engine);
  for (const entry of manifest.recipes.filter(isQuantized)) await expectGoldens(engine, entry);
  await engine.dispose();
});

test('every shipped regime of the dense model and of pruned ones gives the logits of PyTorch on WebGPU, and scores there are those on wasm, in rows of every length', async ({
  page,
  build,
}) => {
  test.setTimeout(600_000);
  await page.goto(build.url);
  const engine = await open(page, 'webgpu', build.url);
  await prepareDense(engine);
  for (const entry of manifest.recipes.filter((each) => !isQuantized(each))) await expectGoldens(engine, entry);

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
