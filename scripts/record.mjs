// Records what the page shows before anything runs: accuracy of every regime on all facts, and latency, on wasm in Chromium.
// `npm run record` records every shipped recipe, `npm run record -- magnitude-mild` only that one. Run it on a quiet machine.
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
const { positionals, values } = parseArgs({ allowPositionals: true, options: { items: { type: 'string' } } });

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
  const files = manifest.files.filter((file) => !file.path.startsWith('recorded/'));
  manifest.recorded = [];
  for (const name of names) {
    const file = join(PACK, 'recorded', name);
    const bytes = await readFile(file);
    const { recipeId, source } = JSON.parse(bytes.toString('utf8'));
    if (!manifest.recipes.some(({ id }) => id === recipeId)) continue;
    const packPath = relative(PACK, file).replaceAll('\\', '/');
    const { size } = await stat(file);
    files.push({ path: packPath, sizeBytes: size, sha256: createHash('sha256').update(bytes).digest('hex') });
    manifest.recorded.push({ id: recipeId, path: packPath, device: source.device, date: source.date });
  }
  manifest.files = files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  await writeFile(path, `${JSON.stringify(manifest, null, 1)}\n`);
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
  const page = await browser.newPage();
  page.on('console', (message) => console.log(`  ${message.text()}`));
  await page.goto(`http://localhost:${server.address().port}/x/y/bench/page.html?run=record`);
  await page.waitForFunction(() => globalThis.benchResult !== undefined, null, { timeout: 120_000 });
  const { error, recipeIds } = await page.evaluate(() => globalThis.benchResult);
  if (error !== undefined) throw new Error(error);
  const unknown = positionals.filter((id) => !recipeIds.includes(id));
  if (unknown.length > 0) throw new Error(`No such recipe: ${unknown.join(', ')}. There are ${recipeIds.join(', ')}.`);
  await mkdir(join(PACK, 'recorded'), { recursive: true });
  const machine = nameMachine(browser.version());
  for (const recipeId of positionals.length > 0 ? positionals : recipeIds) {
    console.log(`${recipeId}, ${machine}`);
    const order = { recipeId, machine, ...(values.items ? { itemsPerRegime: Number(values.items) } : {}) };
    const recorded = await page.evaluate((wanted) => globalThis.recordRecipe(wanted), order);
    await writeFile(join(PACK, 'recorded', `${recipeId}.json`), `${JSON.stringify(recorded, null, 1)}\n`);
    await register();
    for (const { key, accuracy, latency } of recorded.rows) {
      const shares = Object.entries(accuracy).flatMap(([kind, of]) =>
        of === null ? [] : [`${kind} ${of.value.toFixed(3)} (${of.n})`],
      );
      console.log(`  ${key}: ${shares.join(', ')}; first token ${latency?.ttftMs.value.toFixed(1) ?? '-'} ms`);
    }
  }
} finally {
  await browser.close();
  server.closeAllConnections();
  server.close();
  await rm(outDir, { recursive: true, force: true });
}
