// The size budget: JavaScript that the first paint has to wait for, gzipped, from Vite's manifest.
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

const BUDGET_BYTES = 250_000;
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(await readFile(new URL('.vite/manifest.json', dist), 'utf8'));
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
if (!entry) throw new Error('The build has no entry: run npm run build first.');

const chunks = new Set();
const visit = (key) => {
  if (chunks.has(key)) return;
  chunks.add(key);
  for (const imported of manifest[key].imports ?? []) visit(imported);
};
visit(entry);
// The entry asks for the page's parts at once.
for (const part of manifest[entry].dynamicImports ?? []) visit(part);

let total = 0;
for (const key of chunks) {
  const { file } = manifest[key];
  const bytes = gzipSync(await readFile(new URL(file, dist)), { level: 9 }).length;
  total += bytes;
  console.log(`${(bytes / 1000).toFixed(1).padStart(8)} kB  ${file}`);
}
console.log(`${(total / 1000).toFixed(1).padStart(8)} kB  initial JavaScript, gzip (budget ${BUDGET_BYTES / 1000} kB)`);
if (total > BUDGET_BYTES) {
  console.error(
    `Over the budget by ${((total - BUDGET_BYTES) / 1000).toFixed(1)} kB: load something after the first paint.`,
  );
  process.exit(1);
}
