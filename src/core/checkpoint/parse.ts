import { AppError } from '../errors.ts';
import { parseJson, quote } from '../json.ts';
import { parseSafetensors, type StoredTensor, toTensor } from '../safetensors/parse.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Checkpoint, ModelConfig } from './checkpoint.ts';
import { parseModelConfig } from './parse-config.ts';
import { tensorShapes } from './shapes.ts';

/** dtypes that weights come in; integers would be a quantized checkpoint. */
const WEIGHT_DTYPES: readonly string[] = ['F32', 'F16', 'BF16', 'F64'];

/**
 * A checkpoint out of the bytes of its `config.json` and of its `model.safetensors`, or of all shards.
 * Every tensor that the sizes call for must be there with its shape and finite values, and no other weight.
 * Throws `checkpoint-invalid` or `safetensors-invalid`.
 */
export function parseCheckpoint(configBytes: Uint8Array, weightFiles: readonly Uint8Array[]): Checkpoint {
  const config = parseModelConfig(parseJson(configBytes, 'config.json', 'checkpoint-invalid'));
  return { config, tensors: parseWeights(config, weightFiles) };
}

function parseWeights(config: ModelConfig, weightFiles: readonly Uint8Array[]): ReadonlyMap<string, Tensor> {
  const stored = mergeShards(weightFiles);
  const tensors = new Map<string, Tensor>();
  for (const [name, shape] of tensorShapes(config)) {
    const found = stored.get(name);
    if (found === undefined) {
      return fail(
        `The weights lack tensor ${quote(name)}, which config.json calls for. Use weights and config.json of the same model.`,
        name,
        'missing',
        `[${shape.join(', ')}]`,
      );
    }
    tensors.set(name, parseWeight(name, found, shape));
    stored.delete(name);
  }
  for (const name of stored.keys()) {
    if (isIgnorable(name, config)) continue;
    fail(
      `The weights hold tensor ${quote(name)}, which config.json does not call for. Use weights and config.json of the same model.`,
      name,
      'present',
      'absent',
    );
  }
  return tensors;
}

/** One tensor in float32, its dtype, shape and values checked; throws `checkpoint-invalid`. */
export function parseWeight(name: string, stored: StoredTensor, shape: readonly number[]): Tensor {
  if (!WEIGHT_DTYPES.includes(stored.dtype)) {
    const allowed = WEIGHT_DTYPES.join(', ');
    fail(`Tensor ${quote(name)} has dtype ${stored.dtype}, where weights are ${allowed}.`, name, stored.dtype, allowed);
  }
  const observed = `[${stored.shape.join(', ')}]`;
  const allowed = `[${shape.join(', ')}]`;
  if (observed !== allowed) {
    fail(
      `Tensor ${quote(name)} has shape ${observed} in the file, where config.json calls for ${allowed}. Use weights and config.json of the same model.`,
      name,
      observed,
      allowed,
    );
  }
  const tensor = toTensor(stored);
  const bad = tensor.data.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) {
    const value = String(tensor.data[bad]);
    fail(
      `Tensor ${quote(name)} holds ${value} at element ${bad}, where every weight must be a finite number. The file is damaged; fetch it again.`,
      name,
      `${value} at ${bad}`,
      'finite numbers',
    );
  }
  return tensor;
}

/** All shards' tensors by name; a name in two shards is refused. */
function mergeShards(weightFiles: readonly Uint8Array[]): Map<string, StoredTensor> {
  const stored = new Map<string, StoredTensor>();
  for (const file of weightFiles) {
    for (const [name, tensor] of parseSafetensors(file).tensors) {
      if (stored.has(name)) {
        fail(
          `Tensor ${quote(name)} lies in two weight files, where one is allowed. Choose one checkpoint only.`,
          name,
          2,
          1,
        );
      }
      stored.set(name, tensor);
    }
  }
  return stored;
}

/** Tensors that old checkpoints carry without use: rotary tables, and a head that is tied to the embeddings. */
function isIgnorable(name: string, config: ModelConfig): boolean {
  return name.endsWith('.rotary_emb.inv_freq') || (name === 'lm_head.weight' && config.tieWordEmbeddings);
}

function fail(message: string, field: string, observed: string | number, allowed: string | number): never {
  throw new AppError('checkpoint-invalid', message, { field: field.slice(0, 200), observed, allowed });
}
