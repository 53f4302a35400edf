import { LINEAR_NAMES } from '../checkpoint/checkpoint.ts';
import { partOf } from '../checkpoint/layer-shape.ts';
import { takeValues } from '../compress/remove-units.ts';
import type { Variant } from '../compress/variant.ts';
import type { Lora, LoraModule, Prefix } from './repair.ts';

/** What a repair is cut to: layers that may have lost units. */
type Layers = Pick<Variant, 'checkpoint' | 'layers'>;

/** A LoRA of the whole model for one without some of its units: B keeps the rows and A the columns that the matrices keep. */
export function fitLora(lora: Lora, { checkpoint, layers }: Layers): Lora {
  const modules = new Map(lora.modules);
  for (const [layer, { kept }] of layers.entries()) {
    for (const name of LINEAR_NAMES) {
      const module = `model.layers.${layer}.${name}`;
      const whole = modules.get(module);
      const { rows, columns } = partOf(name, kept, checkpoint.config);
      if (whole !== undefined && (rows ?? columns) !== null) modules.set(module, fitModule(whole, rows, columns));
    }
  }
  return { kind: 'lora', modules };
}

function fitModule(
  { a, b, r, scale, shape: [out, inputs] }: LoraModule,
  rows: readonly number[] | null,
  columns: readonly number[] | null,
): LoraModule {
  return {
    r,
    scale,
    a: takeValues(a, inputs, { rows: null, columns }),
    b: takeValues(b, r, { rows, columns: null }),
    shape: [rows?.length ?? out, columns?.length ?? inputs],
  };
}

/** A prefix of the whole model for one without some of its units: the keys and values of the heads that are left. */
export function fitPrefix(prefix: Prefix, { checkpoint, layers }: Layers): Prefix {
  const width = prefix.numVectors * checkpoint.config.headDim;
  const left = prefix.layers.map(({ keys, values }, layer) => {
    const part = { rows: layers[layer]?.kept.kvHeads ?? null, columns: null };
    return { keys: takeValues(keys, width, part), values: takeValues(values, width, part) };
  });
  return { ...prefix, layers: left };
}
