import { describe, expect, it } from 'vitest';
import { readGoldenCheckpoint, readTinyRepair } from '../../testing/fixtures.ts';
import { partOf, toLayerShape, wholeLayers } from '../checkpoint/layer-shape.ts';
import { toVariant } from '../compress/apply-recipe.ts';
import { removeUnits, takePart } from '../compress/remove-units.ts';
import type { Variant } from '../compress/variant.ts';
import { fitLora, fitPrefix } from './fit-repair.ts';
import { mergeLora } from './lora.ts';

const checkpoint = readGoldenCheckpoint();
const { config } = checkpoint;
const lora = readTinyRepair('lora', config);
const prefix = readTinyRepair('prefix', config);
if (lora.kind !== 'lora' || prefix.kind !== 'prefix') throw new Error('the fixtures are of other kinds');

/** The second layer has lost its first head and all neurons but four. */
const kept = { kvHeads: [1], neurons: [0, 5, 40, 95] };
const layers = wholeLayers(config).with(1, toLayerShape(config, kept));

describe('a LoRA', () => {
  it('merged into smaller matrices is the part of the one merged into whole matrices', () => {
    const whole = toVariant(checkpoint);
    const { changes } = removeUnits(layerOf(whole, 1), whole.layers[1] ?? toLayerShape(config, kept), kept, {
      config,
      dtype: 'F32',
    });
    const smaller = { ...whole, layers, matrices: new Map([...whole.matrices, ...changes]) };
    const merged = mergeLora(smaller, fitLora(lora, { checkpoint, layers }), { recompress: false });
    const expected = mergeLora(whole, lora, { recompress: false });
    for (const [module, matrix] of expected.matrices) {
      const name = module.split('.').slice(3).join('.') as Parameters<typeof partOf>[0];
      const part = module.startsWith('model.layers.1.') ? partOf(name, kept, config) : { rows: null, columns: null };
      expect(merged.matrices.get(module), module).toEqual(takePart(matrix, part, 'F32'));
    }
  });

  it('stays as it is where nothing is gone', () => {
    expect(fitLora(lora, { checkpoint, layers: wholeLayers(config) })).toEqual(lora);
  });
});

describe('a prefix', () => {
  it('keeps the keys and values of the heads that are left', () => {
    const fitted = fitPrefix(prefix, { checkpoint, layers });
    expect(fitted.layers[0]).toEqual(prefix.layers[0]);
    const half = prefix.numVectors * config.headDim;
    expect(fitted.layers[1]?.keys).toEqual(prefix.layers[1]?.keys.slice(half));
    expect(fitted.layers[1]?.values).toEqual(prefix.layers[1]?.values.slice(half));
  });

  it('is not mutated', () => {
    const before = structuredClone([lora, prefix]);
    fitPrefix(prefix, { checkpoint, layers });
    fitLora(lora, { checkpoint, layers });
    expect([lora, prefix]).toEqual(before);
  });
});

function layerOf({ matrices }: Variant, layer: number) {
  return new Map([...matrices].filter(([module]) => module.startsWith(`model.layers.${layer}.`)));
}
