import type { Checkpoint } from '../core/checkpoint/checkpoint.ts';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import { parseRepair } from '../core/recover/parse-repair.ts';
import { parsePoolIndex, toPool } from '../core/recover/pool.ts';
import type { Recovery } from '../core/recover/recovery.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { Repair } from '../core/recover/repair.ts';
import type { RegimeGolden } from '../engine/golden-gate.ts';
import type { Golden } from './fixtures.ts';
import { sampleLogits } from './sample-logits.ts';

/** Reads a file of the fixture's folder, wherever it lies. */
export type ReadTinyFile = (path: string) => Uint8Array<ArrayBuffer>;

/** A regime that PyTorch answered for, its repair and its golden logits. */
export interface TinyRegime {
  /** Name of its golden tensors, `<base>/<recovery>`. */
  name: string;
  regime: Regime;
  repair: Repair | null;
  golden: RegimeGolden;
}

const NAMES = [
  'dense/none',
  'dense/prompt',
  'dense/prefix',
  'dense/lora',
  'magnitude/none',
  'magnitude/prompt',
  'magnitude/lora',
  'magnitude/lora-recompressed',
  'rtn/none',
  'rtn/prompt',
  'rtn/lora',
  'rtn/lora-recompressed',
  'rtn-mixed/none',
  'both/none',
] as const;

/** Every regime of the tiny model that has golden logits; a LoRA's stand for merged and unmerged alike. */
export function makeTinyRegimes(checkpoint: Checkpoint, golden: Golden, read: ReadTinyFile): TinyRegime[] {
  const { config } = checkpoint;
  const { sequence } = golden.ids;
  const recipeOf = (base: string): Recipe | null => (base === 'dense' ? null : parseRecipe(golden.recipes[base]));
  const parse = (folder: string) =>
    parseRepair(
      { config: read(`${folder}/adapter_config.json`), weights: read(`${folder}/adapter_model.safetensors`) },
      config,
    );
  const repairs = { prompt: parse('prompt'), prefix: parse('prefix'), lora: parse('lora') };
  const sample = (tensorName: string) => sampleLogits(golden.tensor(tensorName).data, config.vocabSize);
  const regimes: TinyRegime[] = [];
  const add = (name: string, recovery: Recovery, repair: Repair | null, of: RegimeGolden) => {
    const regime = { id: `${name}/${recovery.kind}`, recipe: recipeOf(name.split('/')[0] ?? ''), recovery };
    regimes.push({ name, regime, repair, golden: of });
  };
  for (const name of NAMES) {
    // Each prefix of the sequence is a context; its last-position logits are a row of the golden ones.
    const contexts = sequence.map((_, i) => sequence.slice(0, i + 1));
    const of: RegimeGolden = { contexts, logits: [sample(`${name}/logits`)], scores: null };
    const kind = name.split('/')[1];
    if (kind === 'none') add(name, { kind }, null, of);
    if (kind === 'prompt' || kind === 'prefix') add(name, { kind, repairId: kind }, repairs[kind], of);
    if (kind === 'lora') {
      add(name, { kind: 'lora-merged', repairId: 'lora', recompress: false }, repairs.lora, of);
      add(name, { kind: 'lora-unmerged', repairId: 'lora' }, repairs.lora, of);
    }
    if (kind === 'lora-recompressed') {
      add(name, { kind: 'lora-merged', repairId: 'lora', recompress: true }, repairs.lora, of);
    }
  }
  const index = parsePoolIndex(JSON.parse(new TextDecoder().decode(read('pool/pool.json'))));
  const prompts = index.prompts.map((folder) => parse(`pool/${folder}`)).filter((repair) => repair.kind === 'prompt');
  add('dense/pool', { kind: 'idp', repairId: 'pool' }, toPool(prompts, index, config), {
    contexts: [sequence, golden.ids.short],
    logits: prompts.map((_, i) => sample(`dense/pool/${i}/logits`)),
    scores: golden.tensor('dense/pool/scores').data,
  });
  return regimes;
}
