// What THIRD_PARTY_NOTICES.md holds: every package that the page is built from and every source of the pack's facts, with its licence.
import { readdir, readFile } from 'node:fs/promises';

const root = new URL('../', import.meta.url);

/** What only Node can load, and what holds types alone: none of it ends up in the page. */
const isLeftOut = (name) => /^(onnxruntime-node|sharp|undici-types|@types\/.*|@react-types\/.*)$/.test(name);

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`;

const ISC = `Permission to use, copy, modify, and/or distribute this software for any
purpose with or without fee is hereby granted, provided that the above
copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH
REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY
AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM
LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR
OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR
PERFORMANCE OF THIS SOFTWARE.`;

const MICROSOFT = `MIT License\n\nCopyright (c) 2018 - present Microsoft Corporation\n\n${MIT}`;

/** Licences of packages that are published without the file: as their repositories have them, or the terms that they name with their author. */
const TEXTS = new Map([
  ['client-only', `MIT License\n\nCopyright (c) Meta Platforms, Inc. and affiliates.\n\n${MIT}`],
  ['guid-typescript', `ISC License\n\nCopyright (c) nicolas (https://github.com/NicolasDeveloper)\n\n${ISC}`],
  ['onnxruntime-common', MICROSOFT],
  ['onnxruntime-web', MICROSOFT],
]);

/** What stands behind a licence. */
const REMARKS = new Map([
  [
    'onnxruntime-web',
    'Its compiled parts contain further open-source code, which `ThirdPartyNotices.txt` of https://github.com/microsoft/onnxruntime lists.',
  ],
]);

async function readJson(path) {
  return JSON.parse(await readFile(new URL(path, root), 'utf8'));
}

/** Names of the packages that the page's dependencies pull in, sorted. */
export async function listPackages() {
  const { dependencies } = await readJson('package.json');
  const { packages } = await readJson('package-lock.json');
  const found = new Set();
  const visit = (name) => {
    const entry = packages[`node_modules/${name}`];
    if (!entry || found.has(name) || isLeftOut(name)) return;
    found.add(name);
    for (const next of Object.keys({ ...entry.dependencies, ...entry.peerDependencies })) visit(next);
  };
  for (const name of Object.keys(dependencies)) visit(name);
  return [...found].sort().map((name) => ({ name, ...packages[`node_modules/${name}`] }));
}

/** The licence's text; throws where a package has none, since its notice must go with every copy. */
async function licenceText(name) {
  const folder = new URL(`node_modules/${name}/`, root);
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? (await readFile(new URL(file, folder), 'utf8')).trim() : TEXTS.get(name);
  if (!text) throw new Error(`${name} comes without its licence: add its text to scripts/third-party.mjs.`);
  return text;
}

/** The whole file, out of what is installed. */
export async function toNotices() {
  const head =
    '# Third-party notices\n\nThe built page is made from these packages. Written by `scripts/write-notices.mjs`.';
  const sections = [];
  for (const { name, version, license } of await listPackages()) {
    const remark = REMARKS.has(name) ? `\n\n${REMARKS.get(name)}` : '';
    sections.push(
      `## ${name} ${version}\n\nLicence: ${license}${remark}\n\n\`\`\`\n${await licenceText(name)}\n\`\`\``,
    );
  }
  const facts = await readFile(new URL('training/world/NOTICES.md', root), 'utf8');
  return `${[head, ...sections].join('\n\n')}\n\n${facts}`;
}
