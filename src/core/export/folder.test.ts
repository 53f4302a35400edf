import { describe, expect, test } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { compressPlainly } from '../../testing/make-calibration.ts';
import { tinyCheckpoint, toHfConfig, toJsonBytes } from '../../testing/make-checkpoint.ts';
import { parseModelConfig } from '../checkpoint/parse-config.ts';
import { applyRecipe } from '../compress/apply-recipe.ts';
import { parseCompressedCheckpoint, toNotes } from '../compress/compressed-checkpoint.ts';
import { parseRecipe } from '../compress/parse-recipe.ts';
import type { Recipe } from '../compress/recipe.ts';
import { untouchedTensors, variantSize } from '../compress/size.ts';
import { toCheckpoint } from '../compress/variant-matrix.ts';
import { buildSafetensors } from '../safetensors/build.ts';
import { parseSafetensors, toTensor } from '../safetensors/parse.ts';
import { type ExportFile, type ExportFormat, type ExportSource, toExportFiles, toExportSizes } from './folder.ts';

const checkpoint = tinyCheckpoint();
const recipe = (...steps: unknown[]): Recipe => parseRecipe({ version: 1, steps });
const PRUNED = recipe({ method: 'magnitude', sparsity: 0.5, granularity: 'per-output' });
const WITH_EMBEDDINGS = recipe({ method: 'rtn', bits: 3, groupSize: 16, symmetric: true, embeddings: 4 });
const FILES = new Map([
  ['config.json', toJsonBytes({ ...toHfConfig(checkpoint.config), torch_dtype: 'float32' })],
  ['tokenizer.json', toJsonBytes({ model: {} })],
  ['tokenizer_config.json', toJsonBytes({})],
]);

const UP = 'model.layers.0.mlp.up_proj';
const CALIBRATION = { samples: 2, seed: 0 };
const WALK = { blockSize: 16, dampening: 0.01, calibration: CALIBRATION };
const GRID = { bits: 4, groupSize: 16, symmetric: false };
const UNITS = { share: 0.5, calibration: CALIBRATION };
/** Recipes that between them have every method, pattern and encoding. */
const EVERY: Readonly<Record<string, readonly unknown[]>> = {
  'magnitude, levels by matrix': [
    { method: 'magnitude', sparsity: 0.5, granularity: 'per-output', sparsityPerMatrix: { [UP]: 0.75 } },
  ],
  'magnitude 1:4': [{ method: 'magnitude', pattern: '1:4' }],
  'Wanda 2:4, a matrix left out': [{ method: 'wanda', pattern: '2:4', calibration: CALIBRATION, exclude: [UP] }],
  'SparseGPT 4:8': [{ method: 'sparsegpt', pattern: '4:8', ...WALK }],
  'RTN, mixed bits': [{ method: 'rtn', ...GRID, bitsPerMatrix: { [UP]: 2 } }],
  'RTN 8 bit, symmetric, scales in F32': [{ method: 'rtn', ...GRID, bits: 8, symmetric: true, scaleDtype: 'F32' }],
  'GPTQ 3 bit': [{ method: 'gptq', ...GRID, bits: 3, actOrder: true, ...WALK }],
  'AWQ with embeddings': [{ method: 'awq', ...GRID, embeddings: 8, calibration: CALIBRATION }],
  'AWQ, a matrix left out': [{ method: 'awq', ...GRID, calibration: CALIBRATION, exclude: [UP] }],
  'SparseGPT, then GPTQ': [
    { method: 'sparsegpt', sparsity: 0.5, ...WALK },
    { method: 'gptq', ...GRID, actOrder: false, ...WALK },
  ],
  'SparseGPT 1:4, then AWQ': [
    { method: 'sparsegpt', pattern: '1:4', ...WALK },
    { method: 'awq', ...GRID, calibration: CALIBRATION },
  ],
  'RTN, then Wanda 4:8': [
    { method: 'rtn', ...GRID, bits: 8, symmetric: true },
    { method: 'wanda', pattern: '4:8', calibration: CALIBRATION },
  ],
  'neurons of the model as a whole': [{ method: 'neurons', allocation: 'global', ...UNITS }],
  'heads and neurons of rounded matrices': [
    { method: 'rtn', ...GRID },
    { method: 'heads', allocation: 'uniform', ...UNITS },
    { method: 'neurons', allocation: 'uniform', ...UNITS },
  ],
  'half of the heads, 2:4 and rounded': [
    { method: 'heads', allocation: 'uniform', ...UNITS },
    { method: 'magnitude', pattern: '2:4' },
    { method: 'rtn', ...GRID },
  ],
};

async function source(made: Recipe): Promise<ExportSource> {
  return { variant: await applyRecipe(checkpoint, made), recipe: made, dtype: 'F32', files: FILES };
}

const read = (files: readonly ExportFile[], path: string) => {
  const file = files.find((each) => each.path === path);
  if (file === undefined) throw new Error(`no file ${path}`);
  return file.bytes();
};
const readJson = (files: readonly ExportFile[], path: string) =>
  JSON.parse(new TextDecoder().decode(read(files, path)));

describe.each(['compressed', 'onnx'] as const)('the %s folder', (format: ExportFormat) => {
  test('carries the tokenizer as it came, and a config that the page reads', async () => {
    const files = toExportFiles(await source(PRUNED), format);
    expect(read(files, 'tokenizer.json')).toEqual(FILES.get('tokenizer.json'));
    expect(read(files, 'tokenizer_config.json')).toEqual(FILES.get('tokenizer_config.json'));
    expect(parseModelConfig(readJson(files, 'config.json'))).toEqual(checkpoint.config);
  });
});

test.each([PRUNED, WITH_EMBEDDINGS])(
  'the compressed folder holds the recipe, what it changes, and dense what it leaves alone',
  async (made) => {
    const from = await source(made);
    const files = toExportFiles(from, 'compressed');
    expect(parseRecipe(readJson(files, 'recipe.json'))).toEqual(made);
    const { tensors } = parseSafetensors(read(files, 'model.safetensors'));
    const own = new Map(tensors);
    for (const [name, tensor] of untouchedTensors(from.variant)) {
      const stored = tensors.get(name);
      expect(stored && toTensor(stored), name).toEqual(tensor);
      own.delete(name);
    }
    const parsed = parseCompressedCheckpoint(buildSafetensors(own, toNotes(made)), checkpoint, made);
    expect(toCheckpoint(parsed)).toEqual(toCheckpoint(from.variant));
  },
);

test('the ONNX folder has the layout that transformers.js asks for, and says which file to load', async () => {
  const files = toExportFiles(await source(PRUNED), 'onnx');
  expect(files.map(({ path }) => path).sort()).toEqual([
    'config.json',
    'generation_config.json',
    'onnx/model.onnx',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  expect(readJson(files, 'config.json')).toMatchObject({ 'transformers.js_config': { dtype: 'fp32' } });
  expect(readJson(files, 'generation_config.json')).toEqual({ bos_token_id: 0, eos_token_id: 1 });
  const given = new Map([...FILES, ['generation_config.json', toJsonBytes({ max_new_tokens: 7 })] as const]);
  const kept = toExportFiles({ ...(await source(PRUNED)), files: given }, 'onnx');
  expect(readJson(kept, 'generation_config.json')).toEqual({ max_new_tokens: 7 });
});

describe.each(Object.entries(EVERY))('the bytes of %s', (_, steps) => {
  const made = recipe(...steps);
  const from = (async (): Promise<ExportSource> => {
    const variant = await compressPlainly(checkpoint, [[0, 7, 21, 3, 39, 12]], steps);
    return { variant, recipe: made, dtype: 'F32', files: FILES };
  })();

  test.each(['compressed', 'onnx'] as const)('are those that were predicted, file by file: %s', async (format) => {
    const files = toExportFiles(await from, format);
    for (const { path, sizeBytes, bytes } of files) expect(bytes().length, path).toBe(sizeBytes);
    expect(toExportSizes(await from)[format]).toBe(files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
  });

  test('are those that the page shows as stored, and hold the whole variant', async () => {
    const { variant } = await from;
    const { tensors } = parseSafetensors(read(toExportFiles(await from, 'compressed'), 'model.safetensors'));
    const dataBytes = [...tensors.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(dataBytes).toBe(variantSize(variant, 'F32').storedBytes);
    const own = new Map([...tensors].filter(([name]) => !untouchedTensors(variant).has(name)));
    const parsed = parseCompressedCheckpoint(buildSafetensors(own, toNotes(made)), checkpoint, made);
    expect(toCheckpoint(parsed)).toEqual(toCheckpoint(variant));
    expect(parsed.layers).toEqual(variant.layers);
  });
});

describe('a variant without some of its units', () => {
  const step = { share: 0.5, calibration: { samples: 2, seed: 0 } };
  const make = async (method: string, allocation: string): Promise<ExportSource> => {
    const steps = [{ ...step, method, allocation }];
    const variant = await compressPlainly(checkpoint, [[0, 7, 21, 3, 39, 12]], steps);
    return { variant, recipe: recipe(...steps), dtype: 'F32', files: FILES };
  };

  test('is an ONNX folder whose config says how many heads are left', async () => {
    const heads = readJson(toExportFiles(await make('heads', 'uniform'), 'onnx'), 'config.json');
    expect(heads).toMatchObject({
      num_attention_heads: 2,
      num_key_value_heads: 1,
      head_dim: 16,
      intermediate_size: 64,
    });
    const neurons = readJson(toExportFiles(await make('neurons', 'uniform'), 'onnx'), 'config.json');
    expect(neurons).toMatchObject({ num_attention_heads: 4, num_key_value_heads: 2, intermediate_size: 32 });
  });

  test('is refused as ONNX where layers keep different numbers of heads, which the compressed checkpoint holds', async () => {
    const from = await make('heads', 'uniform');
    const { layers: whole } = (await make('neurons', 'uniform')).variant;
    const layers = [...whole.slice(0, 1), ...from.variant.layers.slice(1)];
    const uneven = { ...from, variant: { ...from.variant, layers } };
    const error = expectAppError(() => toExportFiles(uneven, 'onnx'), 'limit-exceeded');
    expect(error.message).toMatch(/keep 2 and 1 key\/value heads/);
    expect(toExportSizes(uneven)).toMatchObject({ onnx: { message: error.message }, compressed: expect.any(Number) });
  });
});

test('a folder without a config is refused', async () => {
  const from = { ...(await source(PRUNED)), files: new Map() };
  expectAppError(() => toExportFiles(from, 'onnx'), 'checkpoint-invalid');
});
