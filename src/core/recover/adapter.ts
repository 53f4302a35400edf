import type { ModelConfig } from '../checkpoint/checkpoint.ts';
import { AppError } from '../errors.ts';
import { isObject, parseJson, quote, show } from '../json.ts';
import { parseSafetensors, type StoredTensor, toTensor } from '../safetensors/parse.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Lora, Prefix, SoftPrompt } from './repair.ts';

/** The two files of a PEFT folder, as bytes. */
export interface AdapterFiles {
  config: Uint8Array; // adapter_config.json
  weights: Uint8Array; // adapter_model.safetensors
}

/** A PEFT folder, opened: the fields of its config, still to be checked, and its tensors. */
export interface Adapter {
  fields: Readonly<Record<string, unknown>>;
  tensors: ReadonlyMap<string, StoredTensor>;
}

/** A kind of repair that a PEFT folder may hold; one file each, one row in `parse-repair.ts`. */
export interface RepairMethod<T extends SoftPrompt | Prefix | Lora = SoftPrompt | Prefix | Lora> {
  peftType: string;
  /** Checks the adapter against the model; throws `repair-invalid`. */
  parse(adapter: Adapter, config: ModelConfig): T;
}

/** dtypes that adapters come in. */
const ADAPTER_DTYPES: readonly string[] = ['F32', 'F16', 'BF16'];

/** The bytes of a PEFT folder as fields and tensors; throws `repair-invalid` or `safetensors-invalid`. */
export function parseAdapter(files: AdapterFiles): Adapter {
  const json = parseJson(files.config, 'adapter_config.json', 'repair-invalid');
  if (!isObject(json)) return refuseRepair('adapter_config.json', show(json), 'an object');
  return { fields: json, tensors: parseSafetensors(files.weights).tensors };
}

/** A whole number from 1 on, at most `most`. */
export function wholeField(fields: Adapter['fields'], field: string, most: number): number {
  const value = fields[field];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > most) {
    return refuseRepair(field, show(value), `a whole number from 1 to ${most}`);
  }
  return value;
}

/** Refuses a field of the config that is given and is none of the values that fit the model. */
export function expectField(fields: Adapter['fields'], field: string, ...allowed: readonly (number | string)[]): void {
  const value = fields[field] ?? null;
  if (value !== null && !allowed.some((candidate) => candidate === value)) {
    refuseRepair(field, show(value), `${[...new Set(allowed)].join(' or ')}, as the model has it`);
  }
}

/** One tensor in float32, of the shape that config and model call for, all values finite. */
export function takeTensor(tensors: Adapter['tensors'], name: string, shape: readonly number[]): Tensor {
  const stored = tensors.get(name);
  if (stored === undefined) return refuseRepair(name, 'missing', `a tensor of shape [${shape.join(', ')}]`);
  if (stored.shape.join() !== shape.join()) {
    return refuseRepair(name, `of shape [${stored.shape.join(', ')}]`, `shape [${shape.join(', ')}]`);
  }
  return toAdapterTensor(name, stored);
}

/** A tensor in float32, its dtype and values checked. */
export function toAdapterTensor(name: string, stored: StoredTensor): Tensor {
  if (!ADAPTER_DTYPES.includes(stored.dtype)) return refuseRepair(name, stored.dtype, ADAPTER_DTYPES.join(', '));
  const tensor = toTensor(stored);
  const bad = tensor.data.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) return refuseRepair(name, `${tensor.data[bad]} at element ${bad}`, 'finite numbers');
  return tensor;
}

/** Refuses tensors beside the named ones; what they would do is unknown. */
export function expectOnly(tensors: Adapter['tensors'], names: ReadonlySet<string>): void {
  for (const name of tensors.keys()) {
    if (!names.has(name)) refuseRepair(name, 'present', 'no tensor of this name in an adapter for this model');
  }
}

/** Throws `repair-invalid` for a field or tensor. */
export function refuseRepair(field: string, observed: string, allowed: string): never {
  throw new AppError(
    'repair-invalid',
    `The adapter does not fit: ${quote(field)} is ${observed}, where ${allowed} must stand. Choose an adapter that was trained for this model.`,
    { field: field.slice(0, 200), observed, allowed },
  );
}
