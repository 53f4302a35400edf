import { readFileSync } from 'node:fs';
import { parseManifest } from '../../src/core/pack/parse.ts';
import {
  compareToInside,
  parseInsideGolden,
  toInsideRegime,
  toPoolFindings,
  toPoolItems,
} from '../../src/testing/inside-golden.ts';
import { maxDifference } from '../../src/testing/max-difference.ts';
import { MOST_APART } from '../../src/testing/tolerances.ts';
import { startEngine } from '../engine-in-page.ts';
import { expect, test } from '../fixtures.ts';

const read = (path: string) => new Uint8Array(readFileSync(new URL(path, import.meta.url)));
const manifest = parseManifest(
  JSON.parse(readFileSync(new URL('../../dist/packs/atlas/manifest.json', import.meta.url), 'utf8')),
);
const fixture = '../../src/testing/fixtures/inside';
const golden = parseInsideGolden(read(`${fixture}.json`), read(`${fixture}.safetensors`));
const { text: context, answer } = golden.question;
const TAPS = ['attention', 'residual', 'activations', 'lens'] as const;

test('captures of every recovery on WebGPU are those of PyTorch, as is what a pool says and what patching restores', async ({
  page,
  build,
}) => {
  await page.goto(build.url);
  const engine = await startEngine(page);
  expect(await engine.call('start', { choice: 'webgpu' })).toMatchObject({ kind: 'webgpu' });
  await engine.call('loadPack', { baseUrl: new URL('packs/atlas/', build.url).href, manifest });
  for (const [name, expected] of Object.entries(golden.regimes)) {
    const regime = toInsideRegime(golden, manifest, name);
    if (expected.repair !== null) await engine.call('prepareRegime', { regime });
    const seen = await engine.call('inspect', { regime, context, answer, taps: TAPS });
    const differences = compareToInside(golden, name, seen);
    for (const [part, most] of Object.entries(MOST_APART.webgpu)) {
      expect(differences[part as keyof typeof differences], `${name}: ${part}`).toBeLessThan(most);
    }
    expect(
      seen.lens?.map(({ ranks }) => ranks[0]),
      name,
    ).toEqual(expected.rank);
    expect(seen.routing?.chosen, name).toBe(expected.routing?.chosen);
  }
  const pool = toInsideRegime(golden, manifest, 'routed');
  const asked = await engine.call('askPool', { regime: pool, items: toPoolItems(golden), maxNewTokens: 16 });
  const [own, ofPytorch] = [toPoolFindings(asked), toPoolFindings(golden.pool.questions)];
  expect(own.said).toEqual(ofPytorch.said);
  expect(maxDifference(own.confidences, ofPytorch.confidences)).toBeLessThan(MOST_APART.webgpu.lens);
  const [donor, receiver] = [toInsideRegime(golden, manifest, 'dense'), toInsideRegime(golden, manifest, 'compressed')];
  for (const of of ['heads', 'residual'] as const) {
    const map = await engine.call('patch', { donor, receiver, context, answer, of });
    expect(maxDifference(map.values, golden.tensor(`patch/${of}`)), of).toBeLessThan(MOST_APART.webgpu.answer);
    expect(maxDifference(map.whole, golden.tensor(`patch/${of}-whole`)), of).toBeLessThan(MOST_APART.webgpu.answer);
  }
  const prompted = toInsideRegime(golden, manifest, 'prompt');
  const { whole, donorProbability } = await engine.call('patch', {
    donor,
    receiver: prompted,
    context,
    answer,
    of: 'residual',
  });
  expect(Math.abs((whole.at(-1) ?? Number.NaN) - donorProbability)).toBeLessThan(MOST_APART.webgpu.answer);
  await engine.dispose();
});
