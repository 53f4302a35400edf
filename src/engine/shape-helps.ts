import { DECODER_INPUTS } from '../core/onnx/decoder-spec.ts';
import { weightInputs } from '../core/onnx/linear.ts';
import { normNames } from '../core/onnx/llama-decoder.ts';
import { SHAPE_REPAIRS } from '../core/shape/shape-regimes.ts';
import {
  type RandomWeights,
  SHAPE_CACHE_LENGTH,
  type ShapeWeight,
  toShapeWeights,
} from '../core/shape/shape-weights.ts';
import type { BoundRegime } from './bound-regime.ts';
import type { Decoder } from './decoder.ts';
import { createPrefixHelp, type Help } from './help.ts';
import { KvCache } from './kv-cache.ts';
import { createRouter } from './routing.ts';
import type { OwnedTensor, Runtime } from './session.ts';

type Routing = NonNullable<BoundRegime['routing']>;

/** Rows of the router's own table of embeddings: ids of a timed context are below it. */
export const ROUTER_ROWS = 64;

/** What stands before the context in the regimes of a shape: nothing, one prompt, or a pool with its router. */
export interface ShapeHelps {
  plain: Help;
  prompt: Help;
  pool: readonly Help[];
  routing: Routing;
  /** What the router reads besides the weights that the decoder binds. */
  routerWeights: ReadonlyMap<string, OwnedTensor>;
  dispose(): Promise<void>;
}

/** Prompts of random keys and values, as a soft prompt leaves them in the cache; what was made is released where one fails. */
export async function createShapeHelps(
  runtime: Runtime,
  decoder: Decoder,
  random: RandomWeights,
  /** The decoder's weights are bound, so the router can read them too. */
  hasBoundWeights: boolean,
): Promise<ShapeHelps> {
  const { config } = decoder;
  const { promptVectors, poolVectors } = SHAPE_REPAIRS;
  const made: (() => unknown)[] = [];
  const dispose = async () => {
    for (const release of made.splice(0)) await release();
  };
  const draw = (shape: readonly number[]) => random.toFloats({ name: 'help', shape });
  const createHelp = (numVectors: number): Help => {
    const shape = [config.numKvHeads, numVectors, config.headDim];
    const layer = { keys: draw(shape), values: draw(shape) };
    const layers = Array.from({ length: config.numLayers }, () => layer);
    const source = { runtime, decoder, capacity: SHAPE_CACHE_LENGTH };
    const help = createPrefixHelp(source, { kind: 'prefix', numVectors, layers });
    made.push(() => help.cache.dispose());
    return help;
  };
  try {
    const plain = { cache: new KvCache(runtime, decoder, SHAPE_CACHE_LENGTH), start: 0, holdsBegin: false };
    made.push(() => plain.cache.dispose());
    const prompt = createHelp(promptVectors);
    const start = Math.max(...poolVectors);
    const pool = poolVectors.map((numVectors) => ({ ...createHelp(numVectors), start }));
    const total = poolVectors.reduce((sum, numVectors) => sum + numVectors, 0);
    const keyShape = [config.numKvHeads, total, config.headDim];
    const keys = runtime.createTensor('float32', keyShape, draw(keyShape));
    made.push(() => keys.dispose());
    const routerWeights = new Map<string, OwnedTensor>();
    for (const weight of toRouterWeights(decoder, hasBoundWeights)) {
      const tensor = runtime.createTensor(weight.type, weight.shape, random.toValues(weight));
      made.push(() => tensor.dispose());
      routerWeights.set(weight.name, tensor);
    }
    const router = await createRouter(runtime, config, decoder.format);
    made.push(() => router.dispose());
    return {
      plain,
      prompt,
      pool,
      routing: { router, pool: { lengths: poolVectors, start, keys } },
      routerWeights,
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The scale of queries, which a decoder with fused attention has not; and the first layer with a short table where the decoder's graph carries its own. */
function toRouterWeights({ config, format }: Decoder, hasBoundWeights: boolean): readonly ShapeWeight[] {
  const scale = { name: DECODER_INPUTS.queryScale, type: 'float32', shape: [1] } as const;
  if (hasBoundWeights) return [scale];
  const table = { name: DECODER_INPUTS.embedding, type: 'float32', shape: [ROUTER_ROWS, config.hiddenSize] } as const;
  const read = new Set<string>([DECODER_INPUTS.cos, DECODER_INPUTS.sin, normNames(0).input]);
  for (const name of ['q_proj', 'k_proj']) read.add(weightInputs(`model.layers.0.self_attn.${name}`).dense);
  const spec = { config, format, loraModules: new Set<string>(), attention: 'plain', hasBias: true } as const;
  return [scale, table, ...toShapeWeights(spec).filter(({ name }) => read.has(name))];
}
