import { isObject, show } from '../json.ts';
import { type Adapter, refuseRepair, wholeField } from './adapter.ts';

/** Largest rank taken; more than the width of a matrix says nothing new, and published adapters stop at 256. */
const MAX_RANK = 4096;

/** Largest alpha taken; published adapters stop at 1,024, and beyond this a merged weight may no longer be finite. */
const MAX_ALPHA = 1e6;

/** Options whose arithmetic is not built, with the values that leave them off. */
const UNSUPPORTED: readonly (readonly [field: string, ...off: unknown[]])[] = [
  ['bias', 'none'],
  ['use_dora', false],
  ['lora_bias', false],
  ['fan_in_fan_out', false], // for transposed layers, which no Llama has
  ['use_qalora', false],
  ['modules_to_save'],
  ['layer_replication'],
  ['target_parameters'],
  ['trainable_token_indices'],
  ['alora_invocation_tokens'],
  ['megatron_config'],
  ['arrow_config'],
];

/** Ways to begin training that leave the base weights as they are; others (PiSSA, OLoRA, LoftQ, CorDA) change them. */
const PLAIN_STARTS: readonly unknown[] = [true, false, 'gaussian', 'eva', 'orthogonal'];

/** The options of a PEFT `LORA` config that the arithmetic needs. */
export interface LoraConfig {
  /** The rank and the scale of a module: `alpha / r`, or `alpha / sqrt(r)` with `use_rslora`. */
  rankOf(module: string): { r: number; scale: number };
  /** Whether a module is a target; null where a regular expression or "all-linear" says so and the tensors must tell. */
  targets: ((module: string) => boolean) | null;
}

/** The fields of a LoRA's config; refuses by name what is not supported and not at its default. */
export function parseLoraConfig(fields: Adapter['fields']): LoraConfig {
  for (const [field, ...off] of UNSUPPORTED) {
    const value = fields[field] ?? null;
    if (value !== null && !off.includes(value) && !isEmpty(value)) {
      refuseRepair(field, show(value), `${off.length === 0 ? 'nothing' : off.map(show).join(' or ')} (not supported)`);
    }
  }
  const start = fields.init_lora_weights ?? true;
  if (!PLAIN_STARTS.includes(start)) {
    refuseRepair('init_lora_weights', show(start), `${PLAIN_STARTS.join(' or ')} (others change the base weights)`);
  }
  const r = wholeField(fields, 'r', MAX_RANK);
  const alpha = alphaField('lora_alpha', fields.lora_alpha);
  const isRankStabilized = fields.use_rslora === true;
  const ranks = parsePattern(fields, 'rank_pattern', (name, value) => wholeField({ [name]: value }, name, MAX_RANK));
  const alphas = parsePattern(fields, 'alpha_pattern', alphaField);
  return {
    rankOf: (module) => {
      const rank = lookUp(ranks, module) ?? r;
      const top = lookUp(alphas, module) ?? alpha;
      return { r: rank, scale: top / (isRankStabilized ? Math.sqrt(rank) : rank) };
    },
    targets: parseTargets(fields),
  };
}

function alphaField(field: string, value: unknown): number {
  if (typeof value !== 'number' || !(Math.abs(value) <= MAX_ALPHA)) {
    return refuseRepair(field, show(value), `a number of at most ${MAX_ALPHA}`);
  }
  return value;
}

/** Values by module name or its end; PEFT also takes regular expressions there, which are refused by name. */
function parsePattern(
  fields: Adapter['fields'],
  field: string,
  parseValue: (name: string, value: unknown) => number,
): ReadonlyMap<string, number> {
  const pattern = fields[field] ?? {};
  if (!isObject(pattern)) return refuseRepair(field, show(pattern), 'values by module name');
  return new Map(
    Object.entries(pattern).map(([name, value]) => {
      if (!/^[\w.]+$/.test(name)) refuseRepair(`${field}.${name}`, show(name), 'a module name (no regular expression)');
      return [name, parseValue(`${field}.${name}`, value)];
    }),
  );
}

/** The first entry whose name is the module's or its end, as PEFT matches them. */
function lookUp(pattern: ReadonlyMap<string, number>, module: string): number | undefined {
  for (const [name, value] of pattern) if (isSuffix(name, module)) return value;
  return undefined;
}

function isSuffix(name: string, module: string): boolean {
  return module === name || module.endsWith(`.${name}`);
}

function parseTargets(fields: Adapter['fields']): LoraConfig['targets'] {
  const targets = fields.target_modules ?? null;
  if (typeof targets === 'string' || (targets === null && (fields.layers_to_transform ?? null) === null)) return null;
  if (!Array.isArray(targets) || !targets.every((name) => typeof name === 'string')) {
    return refuseRepair('target_modules', show(targets), 'module names, or one regular expression');
  }
  const layers = parseLayers(fields.layers_to_transform ?? null);
  return (module) => targets.some((name) => isSuffix(name, module)) && (layers === null || layers(module));
}

function parseLayers(value: unknown): ((module: string) => boolean) | null {
  if (value === null) return null;
  const layers: unknown[] = Array.isArray(value) ? value : [value];
  if (!layers.every((layer) => typeof layer === 'number' && Number.isInteger(layer) && layer >= 0)) {
    return refuseRepair('layers_to_transform', show(value), 'layer numbers');
  }
  return (module) => layers.includes(Number(module.split('.')[2]));
}

function isEmpty(value: unknown): boolean {
  return (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);
}
