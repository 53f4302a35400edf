import { readFileSync } from 'node:fs';
import type { Checkpoint, ModelConfig } from '../core/checkpoint/checkpoint.ts';
import { parseCheckpoint } from '../core/checkpoint/parse.ts';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import type { RecipeStep } from '../core/compress/recipe.ts';
import { parseJson } from '../core/json.ts';
import { parseRepair } from '../core/recover/parse-repair.ts';
import { parsePoolIndex, toPool } from '../core/recover/pool.ts';
import type { Lora, Pool, Prefix, SoftPrompt } from '../core/recover/repair.ts';
import { parseSafetensors, toTensor } from '../core/safetensors/parse.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { type CompressionGolden, toCompressionGolden } from './compression-golden.ts';

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

/** Bytes of a file under `fixtures/compression`. */
function readCompressionFile(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`./fixtures/compression/${name}`, import.meta.url)));
}

/** The answers on a layer of the tiny model, or of the model of the pack. */
export function readCompressionGolden(model: 'tiny' | 'atlas'): CompressionGolden {
  const read = (path: string) => new Uint8Array(readFileSync(new URL(path, import.meta.url)));
  const pack = '../../public/packs/atlas/checkpoint';
  const checkpoint =
    model === 'tiny'
      ? readGoldenCheckpoint()
      : parseCheckpoint(read(`${pack}/config.json`), [read(`${pack}/model.safetensors`)]);
  return toCompressionGolden(model, checkpoint, {
    tensors: readCompressionFile(`${model}.safetensors`),
    json: readCompressionFile('golden.json'),
  });
}

/** What PyTorch makes of the tiny model, its head tied or not, where a step rounds its embeddings too. */
export interface EmbeddingsGolden {
  /** What the logits answer. */
  sequence: readonly number[];
  cases: readonly EmbeddingsCase[];
  /** A golden tensor by its name, such as `4 bit/model.embed_tokens/codes`. */
  tensor(name: string): Float32Array<ArrayBuffer>;
}

export interface EmbeddingsCase {
  name: string;
  checkpoint: Checkpoint;
  steps: readonly unknown[];
  /** The tables that are rounded. */
  modules: readonly string[];
  logits: Float32Array<ArrayBuffer>; // [length, vocabSize]
}

export function readEmbeddingsGolden(): EmbeddingsGolden {
  const { tensors } = parseSafetensors(readCompressionFile('embeddings.safetensors'));
  const json = parseJson(readCompressionFile('embeddings.json'), 'embeddings.json', 'input-invalid') as {
    sequence: readonly number[];
    cases: Record<string, readonly unknown[]>;
  };
  const stored = (name: string) => {
    const found = tensors.get(name);
    if (found === undefined) throw new Error(`no golden tensor is named ${name}`);
    return toTensor(found);
  };
  const tied = readGoldenCheckpoint();
  const untied: Checkpoint = {
    config: { ...tied.config, tieWordEmbeddings: false },
    tensors: new Map([...tied.tensors, ['lm_head.weight', stored('head')]]),
  };
  const cases = Object.entries(json.cases).map(([name, steps]): EmbeddingsCase => {
    const checkpoint = name.startsWith('untied') ? untied : tied;
    const modules = ['model.embed_tokens', 'lm_head'].filter((module) => tensors.has(`${name}/${module}/codes`));
    return { name, checkpoint, steps, modules, logits: stored(`${name}/logits`).data };
  });
  return { sequence: json.sequence, cases, tensor: (name) => stored(name).data };
}

/** What PyTorch makes of the tiny model without some of its units, which stand as zeros there. */
export interface StructuredGolden {
  /** What the units were judged by; the first one is what the logits answer. */
  sequences: readonly (readonly number[])[];
  cases: readonly StructuredCase[];
}

export interface StructuredCase {
  name: string;
  step: RecipeStep;
  /** The units that go, by layer, ascending. */
  gone: readonly (readonly number[])[];
  logits: Float32Array<ArrayBuffer>; // [length, vocabSize]
}

export function readStructuredGolden(): StructuredGolden {
  const { tensors } = parseSafetensors(readCompressionFile('structured.safetensors'));
  const { structured } = parseJson(readCompressionFile('golden.json'), 'golden.json', 'input-invalid') as {
    structured: {
      sequences: readonly (readonly number[])[];
      steps: Record<string, unknown>;
      gone: Record<string, readonly (readonly number[])[]>;
    };
  };
  const cases = Object.entries(structured.steps).map(([name, json]): StructuredCase => {
    const [step] = parseRecipe({ version: 1, steps: [json] }).steps;
    const stored = tensors.get(`${name}/logits`);
    if (step === undefined || stored === undefined) throw new Error(`the case ${name} is not whole`);
    return { name, step, gone: structured.gone[name] ?? [], logits: toTensor(stored).data };
  });
  return { sequences: structured.sequences, cases };
}
