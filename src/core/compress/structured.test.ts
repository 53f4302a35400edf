import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../testing/to-be-all-close.ts';
import { checkAsyncProperty } from '../../testing/check-property.ts';
import { readGoldenCheckpoint, readStructuredGolden } from '../../testing/fixtures.ts';
import { compressPlainly } from '../../testing/make-calibration.ts';
import { tinyCheckpoint } from '../../testing/make-checkpoint.ts';
import { TOLERANCES } from '../../testing/tolerances.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { forward } from '../reference/forward.ts';
import { roundToF16 } from '../tensor/half.ts';
import { applyRecipe } from './apply-recipe.ts';
import { buildCompressedCheckpoint, parseCompressedCheckpoint } from './compressed-checkpoint.ts';
import { neurons } from './neurons.ts';
import { parseRecipe } from './parse-recipe.ts';
import { countZeros, variantSize } from './size.ts';
import type { UnitOptions } from './structured.ts';
import type { Variant } from './variant.ts';
import { toCheckpoint, toWeights } from './variant-matrix.ts';

const golden = readStructuredGolden();
const tiny = readGoldenCheckpoint(); // 96 neurons, 2 key/value heads of 2 query heads
const small = tinyCheckpoint(); // 64 neurons
const CALIBRATION = { samples: 12, seed: 0 };
const make = (method: string, options: Partial<UnitOptions> = {}) => ({
  method,
  share: 0.5,
  allocation: 'uniform',
  calibration: CALIBRATION,
  ...options,
});
const prune = { method: 'magnitude', pattern: '2:4' };
const round = (groupSize: number) => ({ method: 'rtn', bits: 4, groupSize, symmetric: false });

function compress(checkpoint: Checkpoint, ...steps: unknown[]): Promise<Variant> {
  return compressOn(golden.sequences, checkpoint, steps);
}

function compressOn(
  sequences: readonly (readonly number[])[],
  checkpoint: Checkpoint,
  steps: readonly unknown[],
): Promise<Variant> {
  const ids = sequences.map((sequence) => sequence.map((id) => id % checkpoint.config.vocabSize));
  return compressPlainly(checkpoint, ids, steps);
}

function matrixOf({ matrices }: Variant, name: string, layer = 0) {
  const matrix = matrices.get(`model.layers.${layer}.${name}`);
  if (matrix === undefined) throw new Error(`no matrix ${name}`);
  return matrix;
}

describe.each(golden.cases)('$name of the tiny model', ({ step, gone, logits }) => {
  const variant = compress(tiny, step);

  it('leaves the units that PyTorch leaves', async () => {
    const { layers } = await variant;
    for (const [layer, { kept }] of layers.entries()) {
      const count = step.method === 'neurons' ? tiny.config.intermediateSize : tiny.config.numKvHeads;
      const left = (step.method === 'neurons' ? kept.neurons : kept.kvHeads) ?? [...new Array(count).keys()];
      expect([...left, ...(gone[layer] ?? [])].sort((a, b) => a - b)).toEqual([...new Array(count).keys()]);
    }
  });

  it('says with smaller matrices what PyTorch says with zeros', async () => {
    const smaller = toCheckpoint(await variant);
    const found = forward(smaller, { tokens: golden.sequences[0] ?? [], start: 0 }).logits.data;
    expect(found).toBeAllClose(logits, TOLERANCES.logits);
  });
});

describe('the units that go', () => {
  const anyOptions = fc.record({
    share: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
    allocation: fc.constantFrom('uniform' as const, 'global' as const),
  });

  it('go in whole blocks, one block stays at least, and all matrices of a layer agree', async () => {
    await checkAsyncProperty(
      fc.asyncProperty(anyOptions, fc.constantFrom('neurons', 'heads'), async (options, method) => {
        // What was read decides which units go, not how many.
        const variant = await compressOn(golden.sequences.slice(0, 1), small, [make(method, options)]);
        const { hiddenSize, headDim } = small.config;
        for (const [layer, { numHeads, numKvHeads, intermediateSize }] of variant.layers.entries()) {
          expect([32, 64]).toContain(intermediateSize);
          expect([1, 2]).toContain(numKvHeads);
          expect(numHeads).toBe(2 * numKvHeads);
          const shape = (name: string) => matrixOf(variant, name, layer).shape;
          expect(shape('self_attn.q_proj')).toEqual([numHeads * headDim, hiddenSize]);
          for (const name of ['self_attn.k_proj', 'self_attn.v_proj']) {
            expect(shape(name)).toEqual([numKvHeads * headDim, hiddenSize]);
          }
          expect(shape('self_attn.o_proj')).toEqual([hiddenSize, numHeads * headDim]);
          for (const name of ['mlp.gate_proj', 'mlp.up_proj'])
            expect(shape(name)).toEqual([intermediateSize, hiddenSize]);
          expect(shape('mlp.down_proj')).toEqual([hiddenSize, intermediateSize]);
        }
      }),
    );
  });

  it('are none at a share of 0, where every matrix stays the very same', async () => {
    for (const method of ['neurons', 'heads']) {
      for (const allocation of ['uniform', 'global'] as const) {
        const variant = await compress(small, make(method, { share: 0, allocation }));
        expect(variant).toEqual(await applyRecipe(small, null));
      }
    }
  });

  it('leave the checkpoint bitwise as it was', async () => {
    const before = structuredClone(small);
    await compress(small, make('neurons'), make('heads'));
    expect(small).toEqual(before);
  });

  it('are weighed against those of other layers where the allocation is global', () => {
    const flat = new Float64Array(64).fill(1);
    const steep = Float64Array.from({ length: 64 }, (_, i) => (i < 48 ? 0.01 : 4));
    const options = { ...neurons.defaultOptions, allocation: 'global' as const };
    const count = (share: number) =>
      neurons.chooseUnits([flat, steep], { ...options, share }).map((left) => left?.length ?? 64);
    expect(count(0.375)).toEqual([64, 32]);
    expect(count(1)).toEqual([32, 32]);
  });

  it('are numbered as in the checkpoint, step after step', async () => {
    const [once, twice] = [
      await compress(tiny, make('neurons')),
      await compress(tiny, make('neurons'), make('neurons')),
    ];
    const up = toWeights(matrixOf(await applyRecipe(tiny, null), 'mlp.up_proj'));
    const kept = twice.layers[0]?.kept.neurons ?? [];
    expect(kept).toHaveLength(32);
    expect(once.layers[0]?.kept.neurons).toEqual(expect.arrayContaining([...kept]));
    const rows = kept.flatMap((unit) => [...up.subarray(unit * 32, (unit + 1) * 32)]);
    expect([...toWeights(matrixOf(twice, 'mlp.up_proj'))]).toEqual(rows);
  });
});

describe('beside other steps', () => {
  const sizeOf = (variant: Variant) => variantSize(variant, 'F16');

  it('the model has fewer parameters and bytes, and sparsity counts what is left', async () => {
    const [whole, smaller] = [
      sizeOf(await compress(tiny, prune)),
      sizeOf(await compress(tiny, prune, make('neurons'))),
    ];
    const gone = 2 * 32 * 3 * 32; // layers, neurons, matrices, width
    expect(whole.parameters - smaller.parameters).toBe(gone);
    expect(smaller.sparsity).toBeCloseTo(0.5, 1);
    expect(smaller.linearBytes).toBeLessThan(whole.linearBytes);
  });

  it('masks stay on what is left, and a pattern where rows go', async () => {
    const variant = await compress(tiny, prune, make('neurons'));
    const [up, down] = [matrixOf(variant, 'mlp.up_proj'), matrixOf(variant, 'mlp.down_proj')];
    expect(up).toMatchObject({ kind: 'dense', pattern: '2:4', shape: [64, 32] });
    expect(down).toMatchObject({ kind: 'dense', shape: [32, 64] });
    for (const matrix of [up, down]) {
      expect(matrix.mask?.reduce((zeros, bit) => zeros + 1 - bit, 0)).toBe(countZeros(matrix));
    }
  });

  it('a grid stays where rows go, and becomes its values where columns go', async () => {
    const [before, after] = [await compress(tiny, round(16)), await compress(tiny, round(16), make('heads'))];
    const [head] = after.layers[0]?.kept.kvHeads ?? [];
    expect(matrixOf(after, 'self_attn.k_proj')).toMatchObject({ kind: 'quantized', bits: 4, shape: [16, 32] });
    expect(matrixOf(after, 'self_attn.o_proj')).toMatchObject({ kind: 'dense', mask: null, shape: [32, 32] });
    const part = (from: Float32Array, start: number, length: number) => [...from.subarray(start, start + length)];
    const [k, o] = (['self_attn.k_proj', 'self_attn.o_proj'] as const).map((name) => toWeights(matrixOf(before, name)));
    const first = (head ?? 0) * 32;
    expect([...toWeights(matrixOf(after, 'self_attn.k_proj'))]).toEqual(
      part(k ?? new Float32Array(), first * 16, 16 * 32),
    );
    expect(part(toWeights(matrixOf(after, 'self_attn.o_proj')), 0, 32)).toEqual(
      part(o ?? new Float32Array(), first, 32),
    );
  });

  it('a rounded matrix that loses columns is stored as it runs', async () => {
    const steps = [round(16), make('heads'), make('neurons')];
    const recipe = parseRecipe({ version: 1, steps });
    const variant = await compressPlainly(tiny, golden.sequences, steps, 'F16');
    const parsed = parseCompressedCheckpoint(buildCompressedCheckpoint(variant, recipe, 'F16'), tiny, recipe);
    const narrower = [...variant.matrices].filter(([module]) => /(o|down)_proj$/.test(module));
    expect(narrower).toHaveLength(4);
    for (const [module, matrix] of narrower) {
      expect(matrix).toMatchObject({ kind: 'dense', weight: toWeights(matrix).map(roundToF16) });
      expect(parsed.matrices.get(module)).toEqual(matrix);
    }
  });

  it('a later calibrated step reads what the smaller layers put out', async () => {
    const wanda = { method: 'wanda', sparsity: 0.5, calibration: CALIBRATION };
    const variant = await compress(tiny, make('neurons', { allocation: 'global' }), make('heads'), wanda);
    for (const matrix of variant.matrices.values()) {
      expect(countZeros(matrix)).toBe(matrix.shape[0] * Math.floor(matrix.shape[1] / 2));
    }
  });

  it.each(['uniform', 'global'] as const)(
    'groups that do not divide what is left are refused: %s',
    async (allocation) => {
      // 96 neurons hold groups of 32 and no groups of 64; 64 neurons hold both.
      await compress(tiny, make('neurons'), { ...round(64), exclude: EXCEPT_DOWN });
      const refused = compress(tiny, make('neurons', { share: 0.7, allocation }), {
        ...round(64),
        exclude: EXCEPT_DOWN,
      });
      await expect(refused).rejects.toMatchObject({
        code: 'recipe-invalid',
        details: { step: 2, field: 'groupSize', observed: '64', allowed: expect.stringContaining('32 inputs') },
      });
    },
  );

  it.each([
    ['neurons', 'mlp.gate_proj', 'self_attn.q_proj'],
    ['heads', 'self_attn.k_proj', 'mlp.up_proj'],
  ])(
    '%s stay in a layer where a matrix that holds them is left out, and go where another one is',
    async (method, holder, other) => {
      for (const allocation of ['uniform', 'global'] as const) {
        const whole = (await applyRecipe(small, null)).layers[0];
        const without = (name: string) => ({ ...make(method, { allocation }), exclude: [`model.layers.0.${name}`] });
        const { layers } = await compress(small, without(holder));
        expect(layers[0]).toEqual(whole);
        expect(layers[1]).not.toEqual(whole);
        expect((await compress(small, without(other))).layers).toEqual(
          (await compress(small, make(method, { allocation }))).layers,
        );
      }
    },
  );

  it('another step gives other layers another share, and what is behind both must divide what is left', async () => {
    const layer = (index: number) => [`model.layers.${index}.mlp.down_proj`];
    const { layers } = await compress(
      tiny,
      { ...make('neurons', { share: 0.34 }), exclude: layer(1) },
      { ...make('neurons', { share: 0.67 }), exclude: layer(0) },
      { ...round(32), exclude: EXCEPT_DOWN },
    );
    expect(layers.map(({ intermediateSize }) => intermediateSize)).toEqual([64, 32]);
    const refused = compress(
      tiny,
      { ...make('neurons', { share: 0.67 }), exclude: layer(0) },
      { ...round(64), exclude: EXCEPT_DOWN },
    );
    await expect(refused).rejects.toMatchObject({
      details: { allowed: expect.stringMatching(/96 inputs of .*0\.mlp/) },
    });
  });
});

/** Every matrix of the tiny model but `down_proj`. */
const EXCEPT_DOWN = [0, 1].flatMap((layer) =>
  ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj', 'self_attn.o_proj', 'mlp.gate_proj', 'mlp.up_proj'].map(
    (name) => `model.layers.${layer}.${name}`,
  ),
);
