// Writes THIRD_PARTY_NOTICES.md: every package that ends up in the built page and every source of the pack's facts, with its licence.
// `node scripts/write-notices.mjs` after a dependency changed.
import { readdir, readFile, writeFile } from 'node:fs/promises';

const root = new URL('../', import.meta.url);
const { dependencies } = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));
const lock = JSON.parse(await readFile(new URL('package-lock.json', root), 'utf8')).packages;

/** Shipped: what the page's dependencies pull in, apart from what only Node can load. */
const NOT_IN_THE_PAGE = new Set(['onnxruntime-node', 'sharp']);
const shipped = new Set();
const visit = (name) => {
  const entry = lock[`node_modules/${name}`];
  if (!entry || shipped.has(name) || NOT_IN_THE_PAGE.has(name)) return;
  shipped.add(name);
  for (const next of Object.keys(entry.dependencies ?? {})) visit(next);
};
for (const name of Object.keys(dependencies)) visit(name);

async function licenceText(name) {
  const folder = new URL(`node_modules/${name}/`, root);
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  return file ? (await readFile(new URL(file, folder), 'utf8')).trim() : null;
}

const sections = [];
for (const name of [...shipped].sort()) {
  const { version, license } = lock[`node_modules/${name}`];
  const text = await licenceText(name);
  sections.push(
    `## ${name} ${version}\n\nLicence: ${license ?? 'see below'}\n${text ? `\n\`\`\`\n${text}\n\`\`\`\n` : ''}`,
  );
}
const head =
  '# Third-party notices\n\nThe built page contains code of these packages. Written by `scripts/write-notices.mjs`.\n\n';
const facts = await readFile(new URL('training/world/NOTICES.md', root), 'utf8');
await writeFile(new URL('THIRD_PARTY_NOTICES.md', root), `${head}${sections.join('\n')}\n${facts}`);
console.log(`${sections.length} packages`);
