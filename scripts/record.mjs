// Records what the page shows before anything runs: accuracy of every regime on all facts, and latency, on wasm in Chromium.
// `npm run record` records every shipped recipe, `npm run record -- magnitude-mild` only that one, `npm run record -- --sweep` the sweep of
// methods and levels, `npm run record -- --times [recipe]` latencies alone, put in the place of those that are recorded, `npm run record -- --outcomes [recipe]` which questions every regime gets right, `npm run record -- --shapes` how long random weights in
// SmolLM2-135M's sizes take. Run it on a quiet machine.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { build } from 'vite';
import { findChromium, WEBGPU_FLAGS } from './find-chromium.mjs';
import { createStaticServer } from './static-server.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PACK = join(ROOT, 'public/packs/atlas');
const RECORDED = join(PACK, 'recorded');
const OUTCOMES = join(RECORDED, 'outcomes');
/** As `SWEEP_ID` of src/core/pack/manifest.ts. */
const SWEEP_ID = 'sweep';
/** As `SHAPES_ID` there. */
const SHAPES_ID = 'shapes';
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    items: { type: 'string' },
    sweep: { type: 'boolean' },
    shapes: { type: 'boolean' },
    layers: { type: 'string' },
    outcomes: { type: 'boolean' },
    times: { type: 'boolean' },
  },
});
/** Fewer items than all, for a trial. */
const limit = values.items ? { itemsPerRegime: Number(values.items) } : {};

/** The processor as a figure's caption names it. */
function nameMachine(browserVersion) {
  const model = (cpus()[0]?.model ?? 'unnamed processor').replace(/\(R\)|\(TM\)|CPU|Processor|@.*$/g, '');
  return `one core of ${model.replace(/\s+/g, ' ').trim()}, Chromium ${browserVersion.split('.')[0]}`;
}

async function listJson(folder) {
  return (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
}

/** Lists the recorded files of the pack in its manifest, as training/make_pack.py does. */
async function register() {
  const path = join(PACK, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  const former = new Set([...manifest.recorded, ...(manifest.outcomes ?? [])].map((entry) => entry.path));
  const files = manifest.files.filter((file) => !former.has(file.path));
  /** Adds a file to the list; who recorded it, and what else it says. */
  const list = async (folder, name) => {
    const file = join(folder, name);
    const bytes = await readFile(file);
    const packPath = relative(PACK, file).replaceAll('\\', '/');
    files.push({ path: packPath, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    const { source, recipeId } = JSON.parse(bytes.toString('utf8'));
    return { recipeId, entry: { path: packPath, device: source.device, date: source.date } };
  };
  const isRecipe = (id) => manifest.recipes.some((recipe) => recipe.id === id);
  manifest.recorded = [];
  for (const name of await listJson(RECORDED)) {
    const id = name.replace(/\.json$/, '');
    if (id !== SWEEP_ID && id !== SHAPES_ID && !isRecipe(id)) continue;
    const { entry } = await list(RECORDED, name);
    manifest.recorded.push({ id, ...entry });
  }
  manifest.outcomes = [];
  for (const name of await listJson(OUTCOMES)) {
    const { recipeId, entry } = await list(OUTCOMES, name);
    manifest.outcomes.push({ recipeId, ...entry });
  }
  manifest.files = files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  await writeFile(path, `${JSON.stringify(manifest)}\n`);
}

/** A page of the bench that has published what it offers. */
async function openPage(run) {
  const page = await browser.newPage();
  page.on('console', (message) => console.log(`  ${message.text()}`));
  await page.goto(`http://localhost:${server.address().port}/x/y/bench/page.html?run=${run}`);
  await page.waitForFunction(() => globalThis.benchResult !== undefined, null, { timeout: 120_000 });
  const { error, ...offered } = await page.evaluate(() => globalThis.benchResult);
  if (error !== undefined) throw new Error(error);
  return { page, ...offered };
}

/** Digits that a recorded figure keeps: more than a figure of the page shows, and a third of what a float64 would take of the pack’s bytes. */
const DIGITS = 5;

/** A recording as its file has it: no indentation, since nobody reads it by eye and it is fetched by everybody. */
function toText(recorded) {
  const shorten = (_, value) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;
  return `${JSON.stringify(recorded, shorten)}\n`;
}

/** What is not so, or is not there, goes without saying. */
function shortenComparison({ difference: { method: _, ...difference }, ...comparison }) {
  const told = Object.entries(comparison).filter(([, value]) => value !== null && value !== false);
  return { ...Object.fromEntries(told), difference };
}

async function write(id, { timeComparisons, ...recorded }) {
  const times = timeComparisons && { timeComparisons: timeComparisons.map(shortenComparison) };
  await writeFile(join(RECORDED, `${id}.json`), toText({ ...recorded, ...times }));
  await register();
}

/** The recipes that were asked for, all of them where none was named. */
function chooseRecipes(recipeIds) {
  const unknown = positionals.filter((id) => !recipeIds.includes(id));
  if (unknown.length > 0) throw new Error(`No such recipe: ${unknown.join(', ')}. There are ${recipeIds.join(', ')}.`);
  return positionals.length > 0 ? positionals : recipeIds;
}

async function recordRecipes(machine) {
  const { page, recipeIds } = await openPage('record');
  for (const recipeId of chooseRecipes(recipeIds)) {
    console.log(`${recipeId}, ${machine}`);
    const order = { recipeId, machine, ...limit };
    const recorded = await page.evaluate((wanted) => globalThis.recordRecipe(wanted), order);
    await write(recipeId, recorded);
    for (const { key, accuracy, latency } of recorded.rows) {
      const shares = Object.entries(accuracy).flatMap(([kind, of]) =>
        of === null ? [] : [`${kind} ${of.value.toFixed(3)} (${of.n})`],
      );
      console.log(`  ${key}: ${shares.join(', ')}; first token ${latency?.ttftMs.value.toFixed(1) ?? '-'} ms`);
    }
  }
}

/** Puts latencies that are measured anew in the place of those of a recording, which must be of the same device. */
async function recordTimes(machine) {
  const { page, recipeIds } = await openPage('record');
  for (const recipeId of chooseRecipes(recipeIds)) {
    console.log(`${recipeId}, ${machine}`);
    const former = JSON.parse(await readFile(join(RECORDED, `${recipeId}.json`), 'utf8'));
    const timed = await page.evaluate((wanted) => globalThis.recordTimes(wanted), { recipeId, machine });
    if (timed.source.device !== former.source.device) {
      throw new Error(`${recipeId} was recorded on ${former.source.device}, and this is ${timed.source.device}.`);
    }
    const rows = former.rows.map((row) => {
      const found = timed.rows.find(({ key }) => key === row.key);
      if (found === undefined) throw new Error(`${row.key} was not timed.`);
      return { ...row, latency: found.latency };
    });
    await write(recipeId, { ...former, source: timed.source, rows, timeComparisons: timed.timeComparisons });
    for (const { phase, first, second, difference, adjustedP } of timed.timeComparisons) {
      const [value, low, high] = [difference.value, difference.low, difference.high].map((of) => of.toFixed(3));
      console.log(`  ${phase} ${first.key} - ${second.key}: ${value} [${low}, ${high}], p after Holm ${adjustedP}`);
    }
  }
}

async function recordOutcomes(machine) {
  const { page, recipeIds } = await openPage('record-outcomes');
  for (const recipeId of chooseRecipes(recipeIds)) {
    console.log(`${recipeId}, ${machine}`);
    const order = { recipeId, machine };
    const recorded = await page.evaluate((wanted) => globalThis.recordOutcomes(wanted), order);
    for (const [name, content] of [
      [recipeId, recorded.recipe],
      ['dense', recorded.dense],
    ]) {
      const text = toText(content);
      await writeFile(join(OUTCOMES, `${name}.json`), text);
      console.log(
        `  ${name}: ${content.regimes.length} regimes, ${content.items.count} questions, ${text.length} bytes`,
      );
    }
    await register();
  }
}

async function recordSweep(machine) {
  const { page } = await openPage('record-sweep');
  console.log(`sweep, ${machine}`);
  const recorded = await page.evaluate((wanted) => globalThis.recordSweep(wanted), { machine, ...limit });
  await write(SWEEP_ID, recorded);
  for (const { recipe, regime, accuracy, klDivergence } of recorded.points) {
    const { label } = recorded.recipes[recipe] ?? { label: 'Dense' };
    console.log(`  ${label}, ${regime}: ${accuracy[0].toFixed(3)}, ${klDivergence[0].toFixed(3)} nats`);
  }
}

async function recordShapes(machine) {
  const { page } = await openPage('record-shapes');
  console.log(`shapes, ${machine}`);
  const layers = values.layers ? { numLayers: Number(values.layers) } : {};
  const recorded = await page.evaluate((wanted) => globalThis.recordShapes(wanted), { machine, ...layers });
  await write(SHAPES_ID, recorded);
  for (const { key, latency } of recorded.rows) {
    const [first, token] = [latency.ttftMs, latency.perTokenMs].map(({ value }) => value.toFixed(1));
    console.log(`  ${key}: first token ${first} ms, per further token ${token} ms (${latency.ttftMs.n})`);
  }
}

const outDir = await mkdtemp(join(tmpdir(), 'recall-lab-record-'));
await build({
  root: ROOT,
  logLevel: 'warn',
  build: { outDir, emptyOutDir: true, rollupOptions: { input: join(ROOT, 'bench', 'page.html') } },
});
const server = await createStaticServer({ root: outDir, base: '/x/y/' });
server.listen(0, 'localhost');
await once(server, 'listening');
const browser = await chromium.launch({ executablePath: findChromium().path, args: WEBGPU_FLAGS });
try {
  await mkdir(OUTCOMES, { recursive: true });
  const machine = nameMachine(browser.version());
  if (values.outcomes) await recordOutcomes(machine);
  else if (values.shapes) await recordShapes(machine);
  else if (values.times) await recordTimes(machine);
  else await (values.sweep ? recordSweep(machine) : recordRecipes(machine));
} finally {
  await browser.close();
  server.closeAllConnections();
  server.close();
  await rm(outDir, { recursive: true, force: true });
}
