import { beforeAll, describe, expect, test } from 'vitest';
import { applyRecipe, toVariant } from '../core/compress/apply-recipe.ts';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import { toCheckpoint } from '../core/compress/variant-matrix.ts';
import { cacheNames } from '../core/onnx/decoder-spec.ts';
import { toExportedDecoder } from '../core/onnx/exported-decoder.ts';
import { forward } from '../core/reference/forward.ts';
import { readGoldenCheckpoint, readStructuredGolden } from '../testing/fixtures.ts';
import { compressPlainly } from '../testing/make-calibration.ts';
import { tinyCheckpoint } from '../testing/make-checkpoint.ts';
import { maxDifference } from '../testing/max-difference.ts';
import { TOLERANCES } from '../testing/tolerances.ts';
import { createRuntime, type Runtime, type RunValue, type Session } from './session.ts';

const checkpoint = tinyCheckpoint();
const { vocabSize, numLayers, numKvHeads, headDim } = checkpoint.config;
const IDS = [0, 7, 21, 3, 39, 12];
const recipe = (...steps: unknown[]): Recipe => parseRecipe({ version: 1, steps });
const RECIPES: readonly (readonly [string, Recipe | null])[] = [
  ['dense', null],
  ['pruned', recipe({ method: 'magnitude', sparsity: 0.5, granularity: 'per-output' })],
  ...[2, 3, 4, 8].map(
    (bits) => [`${bits}-bit`, recipe({ method: 'rtn', bits, groupSize: 16, symmetric: false })] as const,
  ),
  ['embeddings and all quantized', recipe({ method: 'rtn', bits: 4, groupSize: 16, symmetric: false, embeddings: 3 })],
  [
    'half quantized',
    recipe({ method: 'rtn', bits: 4, groupSize: 32, symmetric: true, exclude: ['model.layers.0.mlp.up_proj'] }),
  ],
];

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ kind: 'wasm' });
});

function int64(rows: readonly (readonly number[])[]): RunValue {
  const data = BigInt64Array.from(rows.flat().map(BigInt));
  return { type: 'int64', shape: [rows.length, rows[0]?.length ?? 0], data };
}

interface Run {
  ids: readonly (readonly number[])[];
  mask: readonly (readonly number[])[];
  positions: readonly (readonly number[])[];
  past?: ReadonlyMap<string, RunValue>;
  heads?: number;
}

/** Everything that the session puts out, by name. */
function run(
  session: Session,
  { ids, mask, positions, past, heads = numKvHeads }: Run,
): Promise<ReadonlyMap<string, RunValue>> {
  const feeds: Record<string, RunValue> = {
    input_ids: int64(ids),
    attention_mask: int64(mask),
    position_ids: int64(positions),
  };
  const empty: RunValue = {
    type: 'float32',
    shape: [ids.length, heads, 0, headDim],
    data: new Float32Array(0),
  };
  for (let layer = 0; layer < numLayers; layer++) {
    const { pastKey, pastValue, presentKey, presentValue } = cacheNames(layer);
    feeds[pastKey] = past?.get(presentKey) ?? empty;
    feeds[pastValue] = past?.get(presentValue) ?? empty;
  }
  return session.run(feeds, Object.fromEntries(session.outputNames.map((name) => [name, null])));
}

const logitsOf = (outputs: ReadonlyMap<string, RunValue>) => outputs.get('logits')?.data as Float32Array;
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const ones = (length: number) => new Array<number>(length).fill(1);

describe.each(RECIPES)('the exported %s model', (_, made) => {
  test('gives the reference logits of a whole sequence, and of one continued behind its past', async () => {
    const variant = await applyRecipe(checkpoint, made);
    const session = await runtime.createSession(toExportedDecoder(variant).toModel());
    const expected = forward(toCheckpoint(variant), { tokens: IDS, start: 0 }).logits.data;
    const whole = await run(session, { ids: [IDS], mask: [ones(6)], positions: [range(0, 6)] });
    expect(whole.get('logits')?.shape).toEqual([1, 6, vocabSize]);
    expect(maxDifference(logitsOf(whole), expected)).toBeLessThan(TOLERANCES.logits.absolute);

    const first = await run(session, { ids: [IDS.slice(0, 3)], mask: [ones(3)], positions: [range(0, 3)] });
    const rest = { ids: [IDS.slice(3, 5)], mask: [ones(5)], positions: [range(3, 5)], past: first };
    const second = await run(session, rest);
    const last = await run(session, { ids: [IDS.slice(5)], mask: [ones(6)], positions: [[5]], past: second });
    const stepwise = [first, second, last].flatMap((outputs) => [...logitsOf(outputs)]);
    expect(maxDifference(Float32Array.from(stepwise), expected)).toBeLessThan(TOLERANCES.logits.absolute);
    expect(last.get('present.0.key')?.shape).toEqual([1, numKvHeads, 6, headDim]);
    await session.dispose();
  });
});

test('layers that keep different numbers of neurons, and half of their heads, are exported as they are', async () => {
  const step = { share: 0.5, calibration: { samples: 2, seed: 0 } };
  const steps = [
    { ...step, method: 'neurons', allocation: 'global' },
    { ...step, method: 'heads', allocation: 'uniform' },
  ];
  const tiny = readGoldenCheckpoint();
  const variant = await compressPlainly(tiny, readStructuredGolden().sequences, steps);
  expect(new Set(variant.layers.map(({ intermediateSize }) => intermediateSize)).size).toBe(2);
  const session = await runtime.createSession(toExportedDecoder(variant).toModel());
  const outputs = await run(session, { ids: [IDS], mask: [ones(6)], positions: [range(0, 6)], heads: 1 });
  const expected = forward(toCheckpoint(variant), { tokens: IDS, start: 0 }).logits.data;
  expect(maxDifference(logitsOf(outputs), expected)).toBeLessThan(1e-4);
  expect(outputs.get('present.1.key')?.shape).toEqual([1, 1, 6, 16]);
});

test('rows of a batch that are padded on the left answer as they do alone', async () => {
  const variant = await applyRecipe(checkpoint, null);
  const session = await runtime.createSession(toExportedDecoder(variant).toModel());
  const short = IDS.slice(0, 4);
  const padded = await run(session, {
    ids: [IDS, [2, 2, ...short]],
    mask: [ones(6), [0, 0, 1, 1, 1, 1]],
    positions: [range(0, 6), [1, 1, ...range(0, 4)]],
  });
  const expected = [IDS, short].map((tokens) => forward(checkpoint, { tokens, start: 0 }).logits.data);
  const logits = logitsOf(padded);
  const rows = [logits.slice(0, 6 * vocabSize), logits.slice(8 * vocabSize)];
  for (const [i, row] of rows.entries()) {
    expect(maxDifference(row, expected[i] ?? row.subarray(0))).toBeLessThan(TOLERANCES.logits.absolute);
  }
  const next = await run(session, {
    ids: [[5], [5]],
    mask: [ones(7), [0, 0, ...ones(5)]],
    positions: [[6], [4]],
    past: padded,
  });
  const after = [IDS, short].flatMap((tokens) => [
    ...forward(checkpoint, { tokens: [...tokens, 5], start: 0 }).logits.data.slice(-vocabSize),
  ]);
  expect(maxDifference(logitsOf(next), Float32Array.from(after))).toBeLessThan(TOLERANCES.logits.absolute);
});

test('what awq multiplied its inputs by is divided out where they are made', async () => {
  const rounded = await applyRecipe(checkpoint, recipe({ method: 'rtn', bits: 4, groupSize: 16, symmetric: false }));
  const scaled = [...rounded.matrices].map(([module, matrix]) => {
    if (matrix.kind === 'dense' || module.endsWith('o_proj')) return [module, matrix] as const;
    const inputScales = Float32Array.from({ length: matrix.shape[1] }, (_, i) => 0.5 + (i % 7) / 8);
    return [module, { ...matrix, inputScales }] as const;
  });
  const variant = { ...toVariant(checkpoint), matrices: new Map(scaled) };
  const session = await runtime.createSession(toExportedDecoder(variant).toModel());
  const outputs = await run(session, { ids: [IDS], mask: [ones(6)], positions: [range(0, 6)] });
  const expected = forward(toCheckpoint(variant), { tokens: IDS, start: 0 }).logits.data;
  expect(maxDifference(logitsOf(outputs), expected)).toBeLessThan(TOLERANCES.logits.absolute);
});

test.each([
  ['', null],
  [', rounded', recipe({ method: 'rtn', bits: 4, groupSize: 16, symmetric: false, embeddings: 3 })],
])('a model with a head of its own is exported with it%s', async (_, made) => {
  const variant = await applyRecipe(tinyCheckpoint({ tieWordEmbeddings: false }, 5), made);
  const session = await runtime.createSession(toExportedDecoder(variant).toModel());
  const outputs = await run(session, { ids: [IDS], mask: [ones(6)], positions: [range(0, 6)] });
  const expected = forward(toCheckpoint(variant), { tokens: IDS, start: 0 }).logits.data;
  expect(maxDifference(logitsOf(outputs), expected)).toBeLessThan(TOLERANCES.logits.absolute);
});

test('the bytes of a model are known before it is written', async () => {
  for (const [, made] of RECIPES) {
    const graph = toExportedDecoder(await applyRecipe(checkpoint, made));
    expect(graph.sizeBytes).toBe(graph.toModel().length);
  }
});
