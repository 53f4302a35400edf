import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ATLAS, type AtlasPack, openAtlas } from '../testing/atlas-pack.ts';
import { compareToInside, parseInsideGolden, toInsideRegime } from '../testing/inside-golden.ts';
import { maxDifference } from '../testing/max-difference.ts';
import { recoveriesOf } from '../testing/recoveries.ts';
import { MOST_APART } from '../testing/tolerances.ts';

/** The shipped pack from inside, against PyTorch in float32. */
const TAPS = ['attention', 'residual', 'activations', 'lens'] as const;
const read = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../testing/fixtures/inside.${name}`, import.meta.url)));
const golden = parseInsideGolden(read('json'), read('safetensors'));
const { text: context, answer } = golden.question;
const names = Object.keys(golden.regimes);

describe.runIf(existsSync(new URL('manifest.json', ATLAS)))('the shipped pack from inside', { timeout: 60_000 }, () => {
  let atlas: AtlasPack;
  const regimeOf = (name: string) => toInsideRegime(golden, atlas.manifest, name);

  beforeAll(async () => {
    atlas = await openAtlas();
    const { config } = (await atlas.files.readCheckpoint()).checkpoint;
    for (const name of names) {
      const regime = regimeOf(name);
      const { recovery } = regime;
      const repair = 'repairId' in recovery ? await atlas.files.readRepair(recovery.repairId, config) : null;
      await atlas.runner.prepareRegime(regime, repair, null);
    }
  }, 60_000);
  afterAll(() => atlas.close());

  test.each(names)('is as PyTorch sees it: %s', async (name) => {
    const seen = await atlas.runner.inspect({ regime: regimeOf(name), context, answer, taps: TAPS });
    const differences = compareToInside(golden, name, seen);
    for (const [part, most] of Object.entries(MOST_APART.wasm)) {
      expect(differences[part as keyof typeof differences], part).toBeLessThan(most);
    }
    const expected = golden.regimes[name];
    expect(seen.lens?.map(({ ranks }) => ranks[0])).toEqual(expected?.rank);
    expect(seen.columns.filter(({ kind }) => kind === 'virtual').length).toBe(expected?.virtualTokens);
    expect(seen.rows.slice(1).map(({ text }) => text)).toEqual(golden.question.rows.slice(1));
    expect(seen.lens?.at(-1)?.top.map(({ text }) => text)).toEqual(expected?.top.at(-1)?.map(({ text }) => text));
    expect(seen.routing?.chosen).toBe(expected?.routing?.chosen);
    expect(maxDifference(seen.routing?.scores ?? [], expected?.routing?.scores ?? [])).toBeLessThan(1e-5);
  });

  test('stands as far from the dense model as in PyTorch', async () => {
    const compared = Object.keys(golden.distances);
    const [dense, compressed] = [regimeOf('dense'), regimeOf('compressed')];
    const regimes = compared.map(regimeOf);
    const items = [{ id: 'asked', context, answer }];
    const [found] = await atlas.runner.measureDistances({ regimes, dense, compressed, items });
    expect(found?.id).toBe('asked');
    for (const [i, name] of compared.entries()) {
      const own = found?.regimes[i];
      for (const [layer, expected] of (golden.distances[name] ?? []).entries()) {
        for (const quantity of ['attention', 'residual', 'activations'] as const) {
          const distance = own?.toDense[layer]?.[quantity];
          expect(Math.abs((distance?.cosine ?? Number.NaN) - expected[quantity].cosine)).toBeLessThan(1e-5);
          expect(Math.abs((distance?.relativeError ?? Number.NaN) - expected[quantity].relativeError)).toBeLessThan(
            1e-4,
          );
        }
      }
    }
    const self = found?.regimes[compared.indexOf('compressed')]?.toCompressed ?? [];
    expect(self.map(({ residual }) => residual?.relativeError)).toEqual(self.map(() => 0));
  });

  test.each(['residual', 'heads'] as const)('is restored by patching as in PyTorch: %s', async (of) => {
    const [donor, receiver] = [regimeOf('dense'), regimeOf('compressed')];
    const map = await atlas.runner.patch({ donor, receiver, context, answer, of });
    const most = MOST_APART.wasm.answer;
    expect(maxDifference(map.values, golden.tensor(`patch/${of}`))).toBeLessThan(most);
    expect(maxDifference(map.whole, golden.tensor(`patch/${of}-whole`))).toBeLessThan(most);
    expect(Math.abs(map.donorProbability - golden.patch.donorProbability)).toBeLessThan(most);
    expect(Math.abs(map.receiverProbability - golden.patch.receiverProbability)).toBeLessThan(most);
  });

  test.each([
    ['a pool whose prompts were trained apart', 'rtn-mild', 'rtn-mild/pool-apart-a'],
    ['a prompt that was trained for another recipe', 'gptq-mild', 'magnitude-mild/single-a'],
    ['a LoRA that was trained for another recipe', 'rtn-severe', 'magnitude-severe/lora-r8-a'],
  ])('is seen as it answers: %s', async (_, recipeId, repairId) => {
    const { manifest, files, runner } = atlas;
    const { config } = (await files.readCheckpoint()).checkpoint;
    const recipe = manifest.recipes.find(({ id }) => id === recipeId)?.recipe ?? null;
    const repair = await files.readRepair(repairId, config);
    const offered = manifest.repairs.filter(({ id }) => id === repairId).flatMap(recoveriesOf);
    expect(recipe).not.toBeNull();
    expect(offered.length).toBeGreaterThan(0);
    for (const recovery of offered) {
      const regime = { id: JSON.stringify(recovery), recipe, recovery };
      await runner.prepareRegime(regime, repair, null);
      const seen = await runner.inspect({ regime, context, answer, taps: TAPS });
      const [scored] = await runner.scoreItemByItem(regime, [{ id: '', context, answer }]);
      const apart = Math.log(seen.answerProbability ?? 0) - (scored?.logLikelihood ?? Number.NaN);
      expect(Math.abs(apart), recovery.kind).toBeLessThan(MOST_APART.wasm.lens);
    }
  });
});
