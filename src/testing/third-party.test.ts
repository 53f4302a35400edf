import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { listPackages, toNotices } from '../../scripts/third-party.mjs';

const NOTICES = readFileSync(new URL('../../THIRD_PARTY_NOTICES.md', import.meta.url), 'utf8');

test('the notices are those of the packages that are installed', async () => {
  expect(NOTICES).toBe(await toNotices());
});

test('every package that the page is made from stands there with its version and the text of its licence', async () => {
  const packages = await listPackages();
  expect(packages.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['react', 'onnxruntime-web', 'recharts', 'react-is']),
  );
  for (const { name, version } of packages) {
    const section = NOTICES.split(`\n## ${name} ${version}\n`)[1]?.split('\n## ')[0] ?? '';
    expect(section, name).toMatch(/Licence: \S+/);
    expect(section, name).toMatch(/Copyright|Apache License/i);
  }
});

test('packages of types alone are none of them', async () => {
  const packages = await listPackages();
  expect(packages.filter(({ name }) => /^@\w*types\/|^undici-types$/.test(name))).toEqual([]);
});
