import type { ModelConfig } from '../checkpoint/checkpoint.ts';
import { isObject, show } from '../json.ts';
import { isSafePath } from '../safe-path.ts';
import { refuseRepair } from './adapter.ts';
import { type Pool, promptLength, type SoftPrompt } from './repair.ts';

/** Most prompts of a pool; routing attends to all of them at once, and the paper uses fewer than ten. */
const MAX_PROMPTS = 64;

/** What `pool.json` says: the folders of the prompts in their order, and how many vectors each has. */
export interface PoolIndex {
  prompts: readonly string[];
  virtualTokens: readonly number[];
}

/** A parsed `pool.json`, checked; folders that leave the pool's own are refused; throws `repair-invalid`. */
export function parsePoolIndex(json: unknown): PoolIndex {
  if (!isObject(json)) return refuseRepair('pool.json', show(json), 'an object');
  const { prompts, virtualTokens } = json;
  if (!Array.isArray(prompts) || prompts.length < 1 || prompts.length > MAX_PROMPTS || !prompts.every(isSafePath)) {
    return refuseRepair('prompts', show(prompts), `1 to ${MAX_PROMPTS} folders beside pool.json`);
  }
  if (
    !Array.isArray(virtualTokens) ||
    virtualTokens.length !== prompts.length ||
    !virtualTokens.every((n) => Number.isInteger(n) && n > 0)
  ) {
    return refuseRepair('virtualTokens', show(virtualTokens), `${prompts.length} whole numbers, one per prompt`);
  }
  return { prompts, virtualTokens };
}

/** The prompts of a pool in their order, end-aligned; refused where their lengths are not those that `pool.json` gives. */
export function toPool(prompts: readonly SoftPrompt[], index: PoolIndex, config: ModelConfig): Pool {
  const lengths = prompts.map(promptLength);
  if (lengths.join() !== index.virtualTokens.join()) {
    refuseRepair('virtualTokens', lengths.join(', '), `${index.virtualTokens.join(', ')}, as pool.json says`);
  }
  const start = Math.max(...lengths);
  if (start >= config.maxPositions)
    refuseRepair('virtualTokens', String(start), `below ${config.maxPositions} positions`);
  return { kind: 'pool', prompts, start };
}
