import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseInsideGolden } from '../../testing/inside-golden.ts';
import '../../testing/to-be-all-close.ts';
import { TOLERANCES } from '../../testing/tolerances.ts';
import { parseCheckpoint } from '../checkpoint/parse.ts';
import { applyRecipe } from '../compress/apply-recipe.ts';
import { parseRecipe } from '../compress/parse-recipe.ts';
import { parseRepair } from '../recover/parse-repair.ts';
import { multiply, rmsNorm } from '../reference/operations.ts';
import { type Capture, DISTANCE_QUANTITIES, type TokenKind, type TokenLabel } from './capture.ts';
import { toLensLayer } from './lens.ts';
import { countFilledZeros, toHistograms } from './matrix-figures.ts';
import { toMatrixReport } from './matrix-report.ts';
import { toPatchEffect } from './patch-effect.ts';
import { studyPool } from './pool-study.ts';
import { compareLayers, promptMass, renormalise } from './similarity.ts';
import { singularValues } from './singular-values.ts';

/** What PyTorch sees inside of the shipped pack, put through the functions of this folder. */
const read = (path: string) => new Uint8Array(readFileSync(new URL(`../../../${path}`, import.meta.url)));
const FIXTURE = 'src/testing/fixtures/inside';
const PACK = 'public/packs/atlas';
const golden = parseInsideGolden(read(`${FIXTURE}.json`), read(`${FIXTURE}.safetensors`));
const { rows, answerIds } = golden.question;
const names = Object.keys(golden.regimes);
const checkpoint = parseCheckpoint(read(`${PACK}/checkpoint/config.json`), [
  read(`${PACK}/checkpoint/model.safetensors`),
]);
const { config } = checkpoint;
const tensorOf = (name: string) => checkpoint.tensors.get(name)?.data ?? new Float32Array();

function readLora() {
  const folder = `${PACK}/${golden.regimes.merged?.repair}`;
  const files = {
    config: read(`${folder}/adapter_config.json`),
    weights: read(`${folder}/adapter_model.safetensors`),
  };
  const repair = parseRepair(files, config);
  if (repair.kind !== 'lora') throw new Error(`${folder} must be a LoRA`);
  return repair;
}

/** The rows `[from, to)` of `[count, width]`. */
function rowsOf(data: Float32Array, width: number, from: number, to: number): Float32Array {
  return data.subarray(from * width, to * width);
}

/** A regime as the fixture holds it: every 5th activation stands for all. */
function captureOf(name: string): Capture {
  const virtual = golden.regimes[name]?.virtualTokens ?? 0;
  const kindOf = (i: number): TokenKind => {
    if (i === 0) return 'begin';
    return i <= rows.length - answerIds.length ? 'token' : 'answer';
  };
  const labels = rows.map((text, i): TokenLabel => ({ text, kind: kindOf(i) }));
  const help = Array.from({ length: virtual }, (_, i): TokenLabel => ({ text: String(i + 1), kind: 'virtual' }));
  const { numLayers, numHeads, hiddenSize, intermediateSize } = config;
  const width = Math.ceil(intermediateSize / golden.activationStride);
  const [residual, activations] = [golden.tensor(`${name}/residual`), golden.tensor(`${name}/activations`)];
  const layers = Array.from({ length: numLayers }, (_, layer) => layer);
  return {
    regimeId: name,
    rows: labels,
    columns: [...help, ...labels],
    attention: layers.map((layer) => ({ numHeads, data: golden.tensor(`${name}/attention/${layer}`) })),
    residual: [...layers, numLayers].map((i) => rowsOf(residual, hiddenSize, i * rows.length, (i + 1) * rows.length)),
    activations: layers.map((i) => ({
      width,
      data: rowsOf(activations, width, i * rows.length, (i + 1) * rows.length),
    })),
    lens: null,
    answer: [],
    answerProbability: null,
    routing: null,
  };
}

/** The last rows of a residual stream through the last norm and the head. */
function toLogits(stream: Float32Array): Float32Array {
  const { hiddenSize, normEps, vocabSize } = config;
  const said = rowsOf(stream, hiddenSize, rows.length - answerIds.length, rows.length);
  const normed = rmsNorm({ data: said, width: hiddenSize }, tensorOf('model.norm.weight'), normEps);
  return multiply(normed, tensorOf('model.embed_tokens.weight'), vocabSize).data;
}

describe('what PyTorch sees inside of the shipped pack', () => {
  it.each(Object.keys(golden.distances))('stands as far from the dense model as PyTorch says: %s', (name) => {
    const found = compareLayers(captureOf(name), captureOf('dense'));
    const expected = golden.distances[name] ?? [];
    expect(found).toHaveLength(expected.length);
    for (const quantity of DISTANCE_QUANTITIES) {
      const stored = quantity === 'activations' ? 'sampledActivations' : quantity;
      for (const measure of ['cosine', 'relativeError'] as const) {
        expect(found.map((layer) => layer[quantity]?.[measure] ?? Number.NaN)).toBeAllClose(
          expected.map((layer) => layer[stored][measure]),
          TOLERANCES.probabilities,
        );
      }
    }
  });

  it.each(names)('keeps every row of attention whole once the help is taken out: %s', (name) => {
    const { attention, columns } = captureOf(name);
    for (const layer of attention ?? []) {
      const mass = promptMass(layer, columns);
      const own = renormalise(layer, columns);
      expect(own.columns).toHaveLength(rows.length);
      for (let row = 0; row < mass.length; row++) {
        const sum = rowsOf(own.attention.data, rows.length, row, row + 1).reduce((total, value) => total + value, 0);
        expect(sum).toBeCloseTo(1, 5);
      }
      const helped = golden.regimes[name]?.virtualTokens !== 0;
      expect(mass.every((share) => (helped ? share > 0 && share < 1 : share === 0))).toBe(true);
    }
  });

  it.each(names)('shows the answer through the lens as PyTorch does: %s', (name) => {
    const lens = (captureOf(name).residual ?? []).map((stream) => toLensLayer(toLogits(stream), answerIds, String));
    const expected = golden.regimes[name];
    const said = lens.flatMap(({ logProbabilities }) => [...logProbabilities]);
    expect(said).toBeAllClose(golden.tensor(`${name}/lens`), TOLERANCES.logProbabilities);
    expect(lens.map(({ ranks }) => ranks[0])).toEqual(expected?.rank);
    expect(lens.map(({ top }) => top.map(({ text }) => Number(text)))).toEqual(
      expected?.top.map((top) => top.map(({ id }) => id)),
    );
    expect(lens.flatMap(({ top }) => top.map(({ probability }) => probability))).toBeAllClose(
      expected?.top.flatMap((top) => top.map(({ probability }) => probability)) ?? [],
      TOLERANCES.logProbabilities,
    );
  });

  it('is the dense model again once its whole last stream is patched in, and most of it by one token', () => {
    const map = {
      of: 'residual' as const,
      columns: captureOf('dense').rows,
      numLayers: config.numLayers,
      values: golden.tensor('patch/residual'),
      whole: golden.tensor('patch/residual-whole'),
      ...golden.patch,
    };
    const { whole, most, shares } = toPatchEffect(map);
    expect(whole.at(-1)).toBeCloseTo(1, 4);
    const best = Math.max(...map.values);
    const place = map.values.indexOf(best);
    const { donorProbability, receiverProbability } = golden.patch;
    expect(most).toMatchObject({ layer: Math.floor(place / rows.length), column: place % rows.length });
    expect(shares[place]).toBeCloseTo((best - receiverProbability) / (donorProbability - receiverProbability), 6);
  });

  it('has the singular values of a LoRA that PyTorch finds', () => {
    const adapter = readLora().modules.get(golden.module);
    const expected = golden.tensor('lora/singular-values');
    const values = adapter === undefined ? [] : singularValues(adapter);
    // Within 1e-6 of the largest.
    expect(values).toBeAllClose(expected, { relative: 0, absolute: 1e-6 * (expected[0] ?? 0) });
  });

  it('counts the zeros of a matrix, and those that a merge fills, as PyTorch does', async () => {
    const recipes = JSON.parse(readFileSync(new URL('../../../training/recipes.json', import.meta.url), 'utf8')) as {
      id: string;
      recipe: unknown;
    }[];
    const recipe = parseRecipe(recipes.find(({ id }) => id === golden.recipe)?.recipe);
    const variant = await applyRecipe(checkpoint, recipe);
    const report = toMatrixReport(variant, golden.module, { lora: readLora(), recompress: false });
    const { before, after } = toHistograms(report);
    expect({ before: before.zeros, after: after.zeros, ...countFilledZeros(report) }).toEqual(golden.zeros);
  });

  it('judges the rules of a pool by the answers that PyTorch gives', () => {
    const { questions } = golden.pool;
    const study = studyPool(
      questions.map(({ fact, ...outcome }) => {
        const [relation = ''] = fact.split('/');
        return { outcome: { id: fact, ...outcome }, pool: 'any', subject: fact, domain: 'any', relation };
      }),
    );
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const accuracyOf = (id: string) => study?.rules.find((rule) => rule.id === id)?.accuracy.value;
    expect(accuracyOf('attention')).toBeCloseTo(
      mean(questions.map(({ answers, chosen }) => Number(answers[chosen]?.isRight))),
      12,
    );
    expect(accuracyOf('random')).toBeCloseTo(
      mean(questions.flatMap(({ answers }) => answers.map(({ isRight }) => Number(isRight)))),
      12,
    );
    expect(study?.byRelation.map(({ relation }) => relation)).toEqual(['book_author', 'capital', 'currency']);
  });
});
