// Records what the page shows before anything runs: accuracy of every regime on all facts, and latency, on wasm in Chromium.
// `npm run record` records every shipped recipe, `npm run record -- magnitude-mild` only that one, `npm run record -- --sweep` the sweep of
// methods and levels. Run it on a quiet machine.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
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
/** As `SWEEP_ID` of src/core/pack/manifest.ts. */
const SWEEP_ID = 'sweep';
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { items: { type: 'string' }, sweep: { type: 'boolean' } },
});
/** Fewer items than all, for a trial. */
const limit = values.items ? { itemsPerRegime: Number(values.items) } : {};

/** The processor as a figure's caption names it. */
function nameMachine(browserVersion) {
  const model = (cpus()[0]?.model ?? 'unnamed processor').replace(/\(R\)|\(TM\)|CPU|Processor|@.*$/g, '');
  return `one core of ${model.replace(/\s+/g, ' ').trim()}, Chromium ${browserVersion.split('.')[0]}`;
}

/** Lists the recorded files of the pack in its manifest, as training/make_pack.py does. */
async function register() {
  const path = join(PACK, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  const names = (await readdir(join(PACK, 'recorded'))).filter((name) => name.endsWith('.json')).sort();
  const former = new Set(manifest.recorded.map((entry) => entry.path));
  const files = manifest.files.filter((file) => !former.has(file.path));
  manifest.recorded = [];
  for (const name of names) {
    const file = join(PACK, 'recorded', name);
    const bytes = await readFile(file);
    const id = name.replace(/\.json$/, '');
    const { source } = JSON.parse(bytes.toString('utf8'));
    if (id !== SWEEP_ID && !manifest.recipes.some((recipe) => recipe.id === id)) continue;
    const packPath = relative(PACK, file).replaceAll('\\', '/');
    const { size } = await stat(file);
    files.push({ path: packPath, sizeBytes: size, sha256: createHash('sha256').update(bytes).digest('hex') });
    manifest.recorded.push({ id, path: packPath, device: source.device, date: source.date });
  }
  manifest.files = files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  await writeFile(path, `${JSON.stringify(manifest, null, 1)}\n`);
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

async function write(id, recorded) {
  await writeFile(join(PACK, 'recorded', `${id}.json`), `${JSON.stringify(recorded, null, 1)}\n`);
  await register();
}

async function recordRecipes(machine) {
  const { page, recipeIds } = await openPage('record');
  const unknown = positionals.filter((id) => !recipeIds.includes(id));
  if (unknown.length > 0) throw new Error(`No such recipe: ${unknown.join(', ')}. There are ${recipeIds.join(', ')}.`);
  for (const recipeId of positionals.length > 0 ? positionals : recipeIds) {
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

async function recordSweep(machine) {
  const { page } = await openPage('record-sweep');
  console.log(`sweep, ${machine}`);
  const recorded = await page.evaluate((wanted) => globalThis.recordSweep(wanted), { machine, ...limit });
  await write(SWEEP_ID, recorded);
  for (const { label, regime, accuracy, klDivergence } of recorded.points) {
    console.log(
      `  ${label}, ${regime}: ${accuracy.value.toFixed(3)} (${accuracy.n}), ${klDivergence.value.toFixed(3)} nats`,
    );
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
  await mkdir(join(PACK, 'recorded'), { recursive: true });
  const machine = nameMachine(browser.version());
  await (values.sweep ? recordSweep(machine) : recordRecipes(machine));
} finally {
  await browser.close();
  server.closeAllConnections();
  server.close();
  await rm(outDir, { recursive: true, force: true });
}
