import { readFileSync } from 'node:fs';
import type { Checkpoint, ModelConfig } from '../core/checkpoint/checkpoint.ts';
import { parseCheckpoint } from '../core/checkpoint/parse.ts';
import { parseJson } from '../core/json.ts';
import { parseRepair } from '../core/recover/parse-repair.ts';
import { parsePoolIndex, toPool } from '../core/recover/pool.ts';
import type { Lora, Pool, Prefix, SoftPrompt } from '../core/recover/repair.ts';
import { parseSafetensors, toTensor } from '../core/safetensors/parse.ts';
import type { Tensor } from '../core/tensor/tensor.ts';

/** Bytes of a file under `fixtures/tiny`: a Llama of two layers, its repairs, and PyTorch's answers on it. */
export function readTinyFile(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`./fixtures/tiny/${path}`, import.meta.url)));
}

/** The checkpoint that the golden answers belong to. */
export function readGoldenCheckpoint(): Checkpoint {
  return parseCheckpoint(readTinyFile('config.json'), [readTinyFile('model.safetensors')]);
}

/** A PEFT folder of the fixtures: `prompt`, `prefix`, `lora` or `pool/prompt-<i>`. */
export function readTinyRepair(folder: string, config: ModelConfig): SoftPrompt | Prefix | Lora {
  const files = {
    config: readTinyFile(`${folder}/adapter_config.json`),
    weights: readTinyFile(`${folder}/adapter_model.safetensors`),
  };
  return parseRepair(files, config);
}

/** The pool of the fixtures. */
export function readTinyPool(config: ModelConfig): Pool {
  const index = parsePoolIndex(parseJson(readTinyFile('pool/pool.json'), 'pool.json', 'repair-invalid'));
  const prompts = index.prompts.map((folder) => {
    const repair = readTinyRepair(`pool/${folder}`, config);
    if (repair.kind !== 'prompt') throw new Error(`${folder} must be a prompt`);
    return repair;
  });
  return toPool(prompts, index, config);
}

/** What `golden.json` says beside the tensors. */
export interface Golden {
  modules: readonly string[];
  rtnMatrix: string;
  ids: { sequence: readonly number[]; short: readonly number[]; target: readonly number[] };
  recipes: Readonly<Record<string, unknown>>;
  /** A golden tensor by its name, such as `dense/none/logits`. */
  tensor(name: string): Tensor;
}

/** PyTorch's answers in float32. */
export function readGolden(): Golden {
  const file = parseSafetensors(readTinyFile('golden.safetensors'));
  const json = parseJson(readTinyFile('golden.json'), 'golden.json', 'input-invalid') as Omit<Golden, 'tensor'>;
  const tensor = (name: string) => {
    const stored = file.tensors.get(name);
    if (stored === undefined) throw new Error(`no golden tensor is named ${name}`);
    return toTensor(stored);
  };
  return { ...json, tensor };
}
