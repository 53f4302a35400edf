import { toCompressedTensors, toNotes } from '../compress/compressed-checkpoint.ts';
import type { Recipe } from '../compress/recipe.ts';
import { untouchedTensors } from '../compress/size.ts';
import type { Variant } from '../compress/variant.ts';
import { AppError, toWireError, type WireError } from '../errors.ts';
import { isObject, parseJson } from '../json.ts';
import { toExportedDecoder } from '../onnx/exported-decoder.ts';
import { buildSafetensors, safetensorsSize, type TensorToStore } from '../safetensors/build.ts';
import { fromFloat32 } from '../tensor/convert.ts';

/** A file of a folder that is taken away; its size is known before its bytes are made. */
export interface ExportFile {
  /** Within the folder, such as `onnx/model.onnx`. */
  path: string;
  sizeBytes: number;
  bytes: () => Uint8Array<ArrayBuffer>;
}

/** What a folder is made of. */
export interface ExportSource {
  variant: Variant;
  recipe: Recipe;
  /** That of the checkpoint: dense and kept values are stored in it. */
  dtype: 'F16' | 'F32';
  /** The checkpoint's small files as they came, by name: `config.json`, and the tokenizer's. */
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** The folders that a variant can be taken away as. */
export type ExportFormat = 'compressed' | 'onnx';

/** The files of a variant in a format; throws `limit-exceeded` where ONNX cannot hold it. */
export function toExportFiles(source: ExportSource, format: ExportFormat): readonly ExportFile[] {
  switch (format) {
    case 'compressed':
      return toCompressedFolder(source);
    case 'onnx':
      return toOnnxFolder(source);
    default:
      return format satisfies never;
  }
}

/** Bytes of a folder of every format, or why the format cannot hold the variant. */
export type ExportSizes = Readonly<Record<ExportFormat, number | WireError>>;

/** What a variant takes as a folder of every format, before a file is made. */
export function toExportSizes(source: ExportSource): ExportSizes {
  return { compressed: toSizeIn(source, 'compressed'), onnx: toSizeIn(source, 'onnx') };
}

function toSizeIn(source: ExportSource, format: ExportFormat): number | WireError {
  try {
    return toFolderSize(toExportFiles(source, format));
  } catch (error) {
    if (error instanceof AppError && error.code === 'limit-exceeded') return toWireError(error);
    throw error;
  }
}

/** Bytes of all files of a folder. */
export function toFolderSize(files: readonly ExportFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** The compressed checkpoint (`docs/pack-format.md`) with everything else of the model: `model.safetensors`, `recipe.json`, config and tokenizer. */
function toCompressedFolder({ variant, recipe, dtype, files }: ExportSource): ExportFile[] {
  const tensors = toAllTensors(variant, dtype);
  const notes = toNotes(recipe);
  return [
    {
      path: 'model.safetensors',
      sizeBytes: safetensorsSize(tensors, notes),
      bytes: () => buildSafetensors(tensors, notes),
    },
    toJsonFile('recipe.json', recipe),
    ...toFiles(files),
  ];
}

/** What a recipe changes, and dense what it leaves alone. */
function toAllTensors(variant: Variant, dtype: 'F16' | 'F32'): ReadonlyMap<string, TensorToStore> {
  const tensors = toCompressedTensors(variant, dtype);
  for (const [name, { shape, data }] of untouchedTensors(variant)) {
    tensors.set(name, { dtype, shape, bytes: () => fromFloat32(data, dtype) });
  }
  return tensors;
}

/** Protocol buffers, which ONNX is written in, hold less than 2 GiB in one message. */
const MAX_ONNX_BYTES = 2 ** 31 - 1;

/** The layout that transformers.js loads: config and tokenizer at the top, the model under `onnx/`. */
function toOnnxFolder({ variant, files }: ExportSource): ExportFile[] {
  const sizes = toConfigSizes(variant);
  const graph = toExportedDecoder(variant);
  const { sizeBytes } = graph;
  if (sizeBytes > MAX_ONNX_BYTES) {
    const message = `The model takes ${sizeBytes} bytes as ONNX, where one file holds at most ${MAX_ONNX_BYTES}. Export the compressed checkpoint instead.`;
    throw new AppError('limit-exceeded', message, { observed: sizeBytes, allowed: MAX_ONNX_BYTES });
  }
  const { bosTokenId, eosTokenId } = variant.checkpoint.config;
  const small = new Map(files);
  small.delete('config.json');
  const generation = small.has('generation_config.json')
    ? []
    : [toJsonFile('generation_config.json', { bos_token_id: bosTokenId, eos_token_id: eosTokenId })];
  return [
    toJsonFile('config.json', { ...toOnnxConfig(files.get('config.json')), ...sizes }),
    ...toFiles(small),
    ...generation,
    { path: 'onnx/model.onnx', sizeBytes, bytes: () => graph.toModel() },
  ];
}

/**
 * What a config says of the layers, where units are gone. Throws `limit-exceeded` where layers keep different numbers of heads:
 * transformers.js makes the caches of all layers in the one shape that the config tells.
 */
function toConfigSizes({ checkpoint: { config }, layers }: Variant): Record<string, number> {
  const counts = [...new Set(layers.map(({ numKvHeads }) => numKvHeads))];
  const neurons = [...new Set(layers.map(({ intermediateSize }) => intermediateSize))];
  const [numKvHeads = 0, ...others] = counts;
  if (others.length > 0) {
    const message = `The layers keep ${counts.join(' and ')} key/value heads, where an ONNX folder holds the same number in every layer. Choose the lowest heads within each layer alike (allocation uniform), or export the compressed checkpoint instead.`;
    throw new AppError('limit-exceeded', message, { observed: counts.join(' and '), allowed: 'one number' });
  }
  const [intermediateSize = 0, ...otherSizes] = neurons;
  const numHeads = (config.numHeads / config.numKvHeads) * numKvHeads;
  return {
    ...(numKvHeads === config.numKvHeads
      ? {}
      : { num_attention_heads: numHeads, num_key_value_heads: numKvHeads, head_dim: config.headDim }),
    ...(otherSizes.length > 0 || intermediateSize === config.intermediateSize
      ? {}
      : { intermediate_size: intermediateSize }),
  };
}

/** The checkpoint's config; on wasm transformers.js would else ask for `model_quantized.onnx`, the file of its own 8-bit exports. */
function toOnnxConfig(bytes: Uint8Array<ArrayBuffer> | undefined): Record<string, unknown> {
  const json = parseJson(bytes ?? new Uint8Array(), 'config.json', 'checkpoint-invalid');
  return { ...(isObject(json) ? json : {}), 'transformers.js_config': { dtype: 'fp32' } };
}

function toFiles(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): ExportFile[] {
  return [...files].map(([path, bytes]) => ({ path, sizeBytes: bytes.length, bytes: () => bytes }));
}

function toJsonFile(path: string, value: unknown): ExportFile {
  const bytes = new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
  return { path, sizeBytes: bytes.length, bytes: () => bytes };
}
