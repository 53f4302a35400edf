import type { ModelConfig } from '../checkpoint/checkpoint.ts';
import { show } from '../json.ts';
import { type Adapter, type AdapterFiles, parseAdapter, refuseRepair } from './adapter.ts';
import { parseLora } from './lora.ts';
import { parsePrefix } from './prefix.ts';
import { parsePrompt } from './prompt.ts';
import type { Lora, Prefix, SoftPrompt } from './repair.ts';

type Parser = (adapter: Adapter, config: ModelConfig) => SoftPrompt | Prefix | Lora;

/** Every `peft_type` that is read, with its parser. */
const PARSERS: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ['PROMPT_TUNING', parsePrompt],
  ['PREFIX_TUNING', parsePrefix],
  ['LORA', parseLora],
]);

/** A PEFT folder's bytes as a repair of a model; throws `repair-invalid` with field, value and rule. */
export function parseRepair(files: AdapterFiles, config: ModelConfig): SoftPrompt | Prefix | Lora {
  const adapter = parseAdapter(files);
  const type = adapter.fields.peft_type;
  const parser = typeof type === 'string' ? PARSERS.get(type) : undefined;
  if (parser === undefined) return refuseRepair('peft_type', show(type), [...PARSERS.keys()].join(' or '));
  return parser(adapter, config);
}
