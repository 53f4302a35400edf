import { expect, it } from 'vitest';
import '../../testing/to-be-all-close.ts';
import { readCompressionGolden, readGoldenCheckpoint, readStructuredGolden } from '../../testing/fixtures.ts';
import { TOLERANCES } from '../../testing/tolerances.ts';
import { toVariant } from '../compress/apply-recipe.ts';
import type { LayerInputs } from '../compress/calibration.ts';
import { matricesOf } from '../compress/layer-matrices.ts';
import { tensorOf } from '../onnx/decoder-weights.ts';
import { createPlainCalibration } from './calibration.ts';

const checkpoint = readGoldenCheckpoint();
const { sequences } = readStructuredGolden();
/** The fixture's layer, and the input of its attention that the fixture turns off. */
const [LAYER, DEAD_INPUT] = [1, 5];

async function gather(): Promise<LayerInputs> {
  const options = { samples: sequences.length, seed: 0 };
  const embeddings = tensorOf(checkpoint, 'model.embed_tokens.weight');
  const run = await createPlainCalibration(checkpoint, () => sequences).begin(embeddings, options, {});
  const { matrices } = toVariant(checkpoint);
  for (let layer = 0; layer < LAYER; layer++) await run.advance(matricesOf(matrices, layer), {});
  return run.inputsOf(matricesOf(matrices, LAYER), {});
}

it('gathers the Gram matrices and mean magnitudes that PyTorch gathers', async () => {
  const golden = readCompressionGolden('tiny').inputs;
  const found = await gather();
  expect([...found.keys()].sort()).toEqual([...golden.keys()].sort());
  for (const [tap, { size, data, magnitudes }] of golden) {
    const own = found.get(tap);
    expect(own?.size).toBe(size);
    const isOn = (j: number) => tap !== 'attn' || j !== DEAD_INPUT;
    const norm = (j: number) => Math.sqrt(data[j * size + j] ?? 0);
    const toShares = (of: Float64Array | undefined) => {
      const shares = of?.map((value, i) => value / (norm(i % size) * norm(Math.floor(i / size))));
      return shares?.filter((_, i) => isOn(i % size) && isOn(Math.floor(i / size))) ?? [];
    };
    expect(toShares(own?.data)).toBeAllClose(toShares(data), TOLERANCES.correlations);
    const toMeans = (of: Float64Array | undefined) => of?.filter((_, j) => isOn(j)) ?? [];
    expect(toMeans(own?.magnitudes)).toBeAllClose(toMeans(magnitudes), TOLERANCES.magnitudes);
  }
});
