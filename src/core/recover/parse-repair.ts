import type { ModelConfig } from '../checkpoint/checkpoint.ts';
import { show } from '../json.ts';
import { type AdapterFiles, parseAdapter, type RepairMethod, refuseRepair } from './adapter.ts';
import { lora } from './lora.ts';
import { prefix } from './prefix.ts';
import { prompt } from './prompt.ts';
import type { Lora, Prefix, SoftPrompt } from './repair.ts';

/** Every kind of PEFT folder that is read, by its `peft_type`. */
const METHODS: ReadonlyMap<unknown, RepairMethod> = new Map<unknown, RepairMethod>(
  [prompt, prefix, lora].map((method) => [method.peftType, method]),
);

/** A PEFT folder's bytes as a repair of a model; throws `repair-invalid` with field, value and rule. */
export function parseRepair(files: AdapterFiles, config: ModelConfig): SoftPrompt | Prefix | Lora {
  const adapter = parseAdapter(files);
  const type = adapter.fields.peft_type;
  const method = METHODS.get(type);
  if (method === undefined) return refuseRepair('peft_type', show(type), [...METHODS.keys()].join(' or '));
  return method.parse(adapter, config);
}
