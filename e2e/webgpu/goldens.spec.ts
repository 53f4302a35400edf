import { readFileSync } from 'node:fs';
import type { Recipe } from '../../src/core/compress/recipe.ts';
import { parseTask } from '../../src/core/eval/tasks.ts';
import { toPrompt } from '../../src/core/harness/task.ts';
import type { PackRecipe } from '../../src/core/pack/manifest.ts';
import { parseManifest } from '../../src/core/pack/parse.ts';
import type { Recovery } from '../../src/core/recover/recovery.ts';
import type { Regime } from '../../src/core/recover/regime.ts';
import { parseSafetensors, toTensor } from '../../src/core/safetensors/parse.ts';
import type { ScoreItem, ScoreOutcome } from '../../src/engine/protocol.ts';
import { planItems } from '../../src/state/evaluation-plan.ts';
import { readShippedTask } from '../../src/testing/harness-fixtures.ts';
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

/** Texts with nothing before them, behind both kinds of pool of a recipe (on wasm behind all): the begin token alone is routed, in a row that is padded on a GPU. */
async function expectTexts(engine: EngineInPage, { id: recipeId, recipe }: PackRecipe): Promise<void> {
  const { items }: { items: { task: string; id: string }[] } = JSON.parse(read('goldens/tasks/items.json').toString());
  const prompts = items.map(({ task: name, id }) => {
    const task = readShippedTask(name);
    const document = task.documents.find((each) => each.id === id);
    if (document === undefined) throw new Error(`${name} has no document ${id}`);
    return toPrompt(task, document);
  });
  const starts = prompts.map((_, i) => prompts.slice(0, i).reduce((sum, each) => sum + each.continuations.length, 0));
  const { tensors } = parseSafetensors(new Uint8Array(read(`goldens/tasks/${recipeId}.safetensors`)));
  const texts = prompts.filter(({ outputType }) => outputType === 'loglikelihood_rolling');
  const pools = manifest.repairs.filter(
    (repair) => repair.recipeId === recipeId && repair.kind === 'pool' && repair.fold === 'A',
  );
  expect([texts.length, pools.length]).toEqual([6, 2]);
  await engine.call('loadRecipe', { recipe });
  for (const { id, name } of pools) {
    const regime: Regime = { id: `texts ${id}`, recipe, recovery: { kind: 'idp', repairId: id } };
    await engine.call('prepareRegime', { regime });
    const found = await engine.call('scoreDocuments', { regime, prompts: texts });
    const stored = tensors.get(name);
    if (stored === undefined) throw new Error(`no log-likelihoods for ${name}`);
    const golden = toTensor(stored).data;
    for (const [i, text] of texts.entries()) {
      const difference =
        (found[i]?.logLikelihoods[0] ?? Number.NaN) - (golden[starts[prompts.indexOf(text)] ?? -1] ?? 0);
      expect(Math.abs(difference), `${id} ${text.id}`).toBeLessThanOrEqual(SCORE_TOLERANCE);
    }
  }
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
test('every shipped recipe and every kind of recovery give the logits of PyTorch on WebGPU, no switch makes a session, scores are those on wasm, in rows of every length, and of texts behind pools those of PyTorch', async ({
  page,
  build,
}) => {
  test.setTimeout(900_000);
  await page.goto(build.url);
  const engine = await open(page, 'webgpu', build.url);
  await prepareDense(engine);
  for (const tried of planRegimes(manifest.recipes)) await expectGoldens(engine, tried);
  for (const entry of manifest.recipes.slice(0, 1)) await expectTexts(engine, entry);

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
