import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../testing/to-be-all-close.ts';
import { checkAsyncProperty } from '../../testing/check-property.ts';
import { expectAppError } from '../../testing/expect-error.ts';
import { readEmbeddingsGolden } from '../../testing/fixtures.ts';
import { compressPlainly } from '../../testing/make-calibration.ts';
import { TINY_CONFIG, tinyCheckpoint } from '../../testing/make-checkpoint.ts';
import { TOLERANCES } from '../../testing/tolerances.ts';
import { linearModules } from '../checkpoint/checkpoint.ts';
import { forward } from '../reference/forward.ts';
import { parseSafetensors } from '../safetensors/parse.ts';
import { applyRecipe } from './apply-recipe.ts';
import { buildCompressedCheckpoint, parseCompressedCheckpoint } from './compressed-checkpoint.ts';
import { BITS, dequantize } from './grid.ts';
import { checkRecipe, parseRecipe } from './parse-recipe.ts';
import type { Recipe } from './recipe.ts';
import { storedBytes, variantSize } from './size.ts';
import type { Variant } from './variant.ts';
import { toCheckpoint } from './variant-matrix.ts';

const TABLE = 'model.embed_tokens';
const golden = readEmbeddingsGolden();
const round = { method: 'rtn', bits: 4, groupSize: 16, symmetric: false };
const calibration = { samples: 2, seed: 0 };
const SAMPLES = [
  [0, 7, 21, 3, 39, 12],
  [0, 5, 9, 30],
];
const recipe = (...steps: unknown[]) => parseRecipe({ version: 1, steps });
const tableOf = ({ embeddings }: Variant, module = TABLE) => {
  const table = embeddings.get(module);
  if (table === undefined) throw new Error(`${module} must be rounded`);
  return table;
};

describe.each(golden.cases)('PyTorch on the recipe $name', ({ name, checkpoint, steps, modules, logits }) => {
  it('has the same codes, scales and zero points, bit for bit, of the same tables', async () => {
    const variant = await applyRecipe(checkpoint, recipe(...steps));
    expect([...variant.embeddings.keys()]).toEqual(modules);
    for (const module of modules) {
      const { codes, scales, zeroPoints } = tableOf(variant, module);
      const tensor = (what: string) => golden.tensor(`${name}/${module}/${what}`);
      expect([...codes]).toEqual([...tensor('codes')]);
      expect([...scales]).toEqual([...tensor('scales')]);
      expect([...zeroPoints]).toEqual([...tensor('zero-points')]);
    }
  });

  it('has the same logits, whose head reads the rounded table where it is tied', async () => {
    const variant = await applyRecipe(checkpoint, recipe(...steps));
    const own = forward(toCheckpoint(variant), { tokens: golden.sequence, start: 0 }).logits.data;
    expect(own).toBeAllClose(logits, TOLERANCES.logits);
  });
});

const anyOptions = fc.record({
  bits: fc.constantFrom(...BITS),
  groupSize: fc.constantFrom(16, 32),
  symmetric: fc.boolean(),
  embeddings: fc.constantFrom(...BITS),
});
const anyCheckpoint = fc
  .tuple(fc.boolean(), fc.integer({ min: 1, max: 50 }))
  .map(([tieWordEmbeddings, seed]) => tinyCheckpoint({ tieWordEmbeddings }, seed));

describe('any embeddings on any grid', () => {
  it('lie within a step of what they were, and the checkpoint stays as it was', async () => {
    await checkAsyncProperty(
      fc.asyncProperty(anyCheckpoint, anyOptions, async (checkpoint, options) => {
        const before = checkpoint.tensors.get(`${TABLE}.weight`)?.data.slice();
        const step = { ...round, ...options, scaleDtype: 'F32', exclude: linearModules(2) };
        const variant = await applyRecipe(checkpoint, recipe(step));
        for (const [module, table] of variant.embeddings) {
          const weight = checkpoint.tensors.get(`${module}.weight`)?.data ?? [];
          const farthest = dequantize(table).reduce((most, value, i) => {
            const steps = Math.abs(value - (weight[i] ?? 0)) / (table.scales[Math.floor(i / table.groupSize)] ?? 0);
            return Math.max(most, steps);
          }, 0);
          // A symmetric grid is clipped at its upper end, by at most one step; the rest is the rounding of float32.
          expect(farthest).toBeLessThanOrEqual((options.symmetric ? 1 : 0.5) * 1.001);
        }
        expect(checkpoint.tensors.get(`${TABLE}.weight`)?.data).toEqual(before);
      }),
    );
  });

  it('come back from their file, which takes the bytes that were counted, and the linear figures do not see them', async () => {
    await checkAsyncProperty(
      fc.asyncProperty(anyCheckpoint, anyOptions, async (checkpoint, { embeddings, ...options }) => {
        const step = { ...round, ...options, exclude: linearModules(2).slice(1) };
        const made = recipe({ ...step, embeddings });
        const variant = await applyRecipe(checkpoint, made);
        const bytes = buildCompressedCheckpoint(variant, made, 'F16');
        expect(parseCompressedCheckpoint(bytes, checkpoint, made).embeddings).toEqual(variant.embeddings);
        const { tensors } = parseSafetensors(bytes);
        for (const [module, table] of variant.embeddings) {
          const own = [...tensors].filter(([name]) => name.startsWith(`${module}.`));
          expect(own.reduce((sum, [, stored]) => sum + stored.bytes.length, 0)).toBe(storedBytes(table, 'F16'));
        }
        const alone = variantSize(await applyRecipe(checkpoint, recipe(step)), 'F16');
        const saved = [...variant.embeddings.values()].reduce(
          (sum, table) => sum + 2 * table.codes.length - storedBytes(table, 'F16'),
          0,
        );
        expect(variantSize(variant, 'F16')).toEqual({ ...alone, storedBytes: alone.storedBytes - saved });
      }),
    );
  });
});

it.each(['rtn', 'gptq', 'awq'] as const)(
  '%s rounds embeddings to nearest, whatever it does to the layers',
  async (method) => {
    const checkpoint = tinyCheckpoint();
    const options = {
      rtn: {},
      gptq: { actOrder: true, blockSize: 16, dampening: 0.01, calibration },
      awq: { calibration },
    };
    const step = { ...round, ...options[method], method, embeddings: 3 };
    const variant = await compressPlainly(checkpoint, SAMPLES, [step]);
    expect(tableOf(variant)).toEqual(tableOf(await applyRecipe(checkpoint, recipe({ ...round, embeddings: 3 }))));
  },
);

it.each([
  ['the same step', [{ ...round, method: 'awq', embeddings: 2, calibration }]],
  [
    'a step before it',
    [
      { ...round, embeddings: 2, exclude: linearModules(2) },
      { method: 'wanda', sparsity: 0.5, calibration },
    ],
  ],
  [
    'a step before whole neurons go',
    [
      { ...round, embeddings: 2, exclude: linearModules(2) },
      { method: 'neurons', share: 0.5, allocation: 'uniform', calibration },
    ],
  ],
])('what is calibrated reads embeddings that were rounded by %s', async (_, steps) => {
  const checkpoint = tinyCheckpoint();
  const { embeddings } = await applyRecipe(checkpoint, recipe({ ...round, embeddings: 2 }));
  const rounded = toCheckpoint({ checkpoint, matrices: new Map(), embeddings });
  const plain = steps.slice(-1).map((step) => ({ ...step, embeddings: undefined }));
  const [own, ofRounded, ofDense] = await Promise.all([
    compressPlainly(checkpoint, SAMPLES, steps),
    compressPlainly(rounded, SAMPLES, plain),
    compressPlainly(checkpoint, SAMPLES, plain),
  ]);
  expect(own.matrices).toEqual(ofRounded.matrices);
  expect(own.matrices).not.toEqual(ofDense.matrices);
  expect(tableOf(own)).toEqual(embeddings.get(TABLE));
});

it.each([1, 5, 16, '4', null, Number.NaN])('embeddings of %s bits are refused with field, value and rule', (value) => {
  const error = expectAppError(() => recipe({ ...round, embeddings: value }), 'recipe-invalid');
  expect(error.details).toMatchObject({ step: 1, field: 'embeddings', allowed: '2 or 3 or 4 or 8' });
});

it('groups that do not divide a row of the embeddings are refused, and taken where embeddings are left alone', () => {
  const config = { ...TINY_CONFIG, hiddenSize: 48, numHeads: 2, headDim: 32 };
  const exclude = linearModules(2).filter((module) => !/(o|down)_proj$/.test(module));
  const step = { ...round, groupSize: 32, exclude };
  checkRecipe(recipe(step), config);
  const error = expectAppError(() => checkRecipe(recipe({ ...step, embeddings: 8 }), config), 'recipe-invalid');
  expect(error.message).toMatch(/groupSize is 32.*48 inputs of model\.embed_tokens/);
});

it('a file is refused where rounded embeddings are missing, or stand there without being asked for', async () => {
  const checkpoint = tinyCheckpoint();
  const [without, asked] = [recipe(round), recipe({ ...round, embeddings: 4 })];
  const fails = async (made: Recipe, written: Recipe) => {
    const bytes = buildCompressedCheckpoint(await applyRecipe(checkpoint, made), written, 'F16');
    return expectAppError(() => parseCompressedCheckpoint(bytes, checkpoint, written), 'checkpoint-invalid');
  };
  const missing = await fails(without, asked);
  expect(missing.details).toMatchObject({ field: `${TABLE}.qweight`, observed: 'missing' });
  const uncalled = await fails(asked, without);
  expect(uncalled.details).toMatchObject({ field: `${TABLE}.scales`, observed: 'present' });
});
