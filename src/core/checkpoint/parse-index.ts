import { AppError } from '../errors.ts';
import { isObject, quote, show } from '../json.ts';
import { isSafePath } from '../safe-path.ts';

/** Most shards read; the largest published checkpoints have 191. */
const MAX_SHARDS = 1024;

/** Where the tensors of a sharded checkpoint lie. */
export interface ShardIndex {
  /** File names beside the index, each once, in the order of their names. */
  shards: readonly string[];
  /** Shard of each tensor. */
  shardOf: ReadonlyMap<string, string>;
}

/** A parsed `model.safetensors.index.json`; names that leave the checkpoint's folder are refused; throws `checkpoint-invalid`. */
export function parseShardIndex(json: unknown): ShardIndex {
  const weightMap = isObject(json) ? json.weight_map : undefined;
  if (!isObject(weightMap)) return fail('weight_map', show(weightMap), 'an object');
  const shardOf = new Map<string, string>();
  for (const [tensor, shard] of Object.entries(weightMap)) {
    if (!isSafePath(shard) || !shard.endsWith('.safetensors')) {
      return fail(`weight_map[${quote(tensor)}]`, show(shard), 'a .safetensors file beside the index');
    }
    shardOf.set(tensor, shard);
  }
  const shards = [...new Set(shardOf.values())].sort();
  if (shards.length === 0 || shards.length > MAX_SHARDS) {
    fail('weight_map', `${shards.length} files`, `1 to ${MAX_SHARDS} files`);
  }
  return { shards, shardOf };
}

function fail(field: string, observed: string, allowed: string): never {
  throw new AppError(
    'checkpoint-invalid',
    `model.safetensors.index.json: ${field} is ${observed}, where ${allowed} must stand. Fetch the index again.`,
    { field: field.slice(0, 200), observed, allowed },
  );
}
