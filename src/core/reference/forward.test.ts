import { describe, expect, it } from 'vitest';
import { readGolden, readGoldenCheckpoint, readTinyPool, readTinyRepair } from '../../testing/fixtures.ts';
import '../../testing/to-be-all-close.ts';
import { TOLERANCES } from '../../testing/tolerances.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { applyRecipe } from '../compress/apply-recipe.ts';
import { parseRecipe } from '../compress/parse-recipe.ts';
import { toCheckpoint } from '../compress/variant-matrix.ts';
import { argmax, scoreTarget } from '../eval/scoring.ts';
import { CHOICE_RULES } from '../recover/choice-rules.ts';
import { mergeLora } from '../recover/lora.ts';
import type { Lora } from '../recover/repair.ts';
import { forward } from './forward.ts';
import { type Help, helpOf } from './help.ts';
import { routingScores } from './routing.ts';

const golden = readGolden();
const dense = readGoldenCheckpoint();
const { sequence, short, target } = golden.ids;
const { vocabSize } = dense.config;

const repairs = {
  prompt: readTinyRepair('prompt', dense.config),
  prefix: readTinyRepair('prefix', dense.config),
  lora: readTinyRepair('lora', dense.config) as Lora,
};

/** Checks logits, log-probabilities and greedy decoding of one regime against PyTorch. */
function expectRegime(name: string, checkpoint: Checkpoint, help: Help): void {
  const { logits } = forward(checkpoint, { ...help, tokens: sequence });
  expect(logits.data).toBeAllClose(golden.tensor(`${name}/logits`).data, TOLERANCES.logits);

  const behind = forward(checkpoint, { ...help, tokens: [...sequence, ...target] }).logits.data;
  const predicting = behind.subarray((sequence.length - 1) * vocabSize, -vocabSize);
  const { logProbabilities } = scoreTarget(predicting, vocabSize, target);
  expect(logProbabilities).toBeAllClose(golden.tensor(`${name}/target-logprobs`).data, TOLERANCES.logProbabilities);

  const expected = [...golden.tensor(`${name}/decode-ids`).data];
  const tokens = sequence.slice(0, 5);
  for (const _ of expected) {
    const all = forward(checkpoint, { ...help, tokens }).logits.data;
    tokens.push(argmax(all.subarray(-vocabSize)));
  }
  expect(tokens.slice(5)).toEqual(expected);
}

describe('the dense checkpoint', () => {
  it.each(['none', 'prompt', 'prefix', 'lora'] as const)('gives the answers of PyTorch with %s', (name) => {
    expectRegime(`dense/${name}`, dense, helpOf(dense, name === 'none' ? null : repairs[name]));
  });

  it.each(['none', 'prompt', 'prefix'] as const)('has the caches and hidden states of PyTorch with %s', (name) => {
    const help = helpOf(dense, name === 'none' ? null : repairs[name]);
    const { cache, hidden } = forward(dense, { ...help, tokens: sequence });
    for (const [i, layer] of cache.entries()) {
      expect(layer.keys).toBeAllClose(golden.tensor(`dense/${name}/k.${i}`).data, TOLERANCES.activations);
      expect(layer.values).toBeAllClose(golden.tensor(`dense/${name}/v.${i}`).data, TOLERANCES.activations);
    }
    for (const [i, states] of hidden.entries()) {
      expect(states.data).toBeAllClose(golden.tensor(`dense/${name}/hidden.${i}`).data, TOLERANCES.activations);
    }
  });

  it('answers alike token by token and all at once', () => {
    const whole = forward(dense, { tokens: sequence, start: 0 });
    let past: Help['past'] = [];
    for (const [t, id] of sequence.entries()) {
      const step = forward(dense, { tokens: [id], start: t, past });
      past = step.cache;
      const row = whole.logits.data.subarray(t * vocabSize, (t + 1) * vocabSize);
      expect(step.logits.data).toBeAllClose(row, TOLERANCES.logits);
    }
  });

  it('does not care where a context begins, but minds the distance to its help', () => {
    const [near, far] = [3, 40].map((start) => forward(dense, { tokens: sequence, start }).logits.data);
    expect(near).toBeAllClose(far ?? [], TOLERANCES.logits);
    const help = helpOf(dense, repairs.prompt);
    const [beside, apart] = [5, 9].map((start) => forward(dense, { ...help, start, tokens: sequence }).logits.data);
    expect(beside).not.toBeAllClose(apart ?? [], TOLERANCES.logits);
  });
});

const variantOf = (name: string) => applyRecipe(dense, parseRecipe(golden.recipes[name]));

it.each(['magnitude', 'rtn', 'rtn-mixed', 'both'])(
  'the variant of the recipe %s gives the answers of PyTorch',
  async (name) => {
    expectRegime(`${name}/none`, toCheckpoint(await variantOf(name)), { start: 0 });
  },
);

describe.each(['magnitude', 'rtn'])('the repaired variant of the recipe %s', (name) => {
  it('gives the answers of PyTorch with the prompt', async () => {
    const checkpoint = toCheckpoint(await variantOf(name));
    expectRegime(`${name}/prompt`, checkpoint, helpOf(checkpoint, repairs.prompt));
  });

  it('gives the answers of PyTorch with the LoRA beside it and merged into it', async () => {
    const variant = await variantOf(name);
    expectRegime(`${name}/lora`, toCheckpoint(variant), helpOf(dense, repairs.lora));
    expectRegime(`${name}/lora`, toCheckpoint(mergeLora(variant, repairs.lora, { recompress: false })), { start: 0 });
  });

  it('gives the answers of PyTorch with the LoRA merged and compressed again', async () => {
    const merged = mergeLora(await variantOf(name), repairs.lora, { recompress: true });
    expectRegime(`${name}/lora-recompressed`, toCheckpoint(merged), { start: 0 });
  });
});

describe('a pool of prompts', () => {
  const pool = readTinyPool(dense.config);
  const contexts = [sequence, short];

  it('gets the routing scores and choices of PyTorch', () => {
    const scores = contexts.map((ids) => routingScores(dense, pool, ids));
    expect(scores.flatMap((row) => [...row])).toBeAllClose(
      golden.tensor('dense/pool/scores').data,
      TOLERANCES.probabilities,
    );
    const choices = scores.map((row) => CHOICE_RULES.get('attention')?.choose(row).chosen);
    expect(choices).toEqual([...golden.tensor('dense/pool/choice').data]);
  });

  it.each([0, 1, 2])('gives the answers of PyTorch behind prompt %d', (chosen) => {
    const help = helpOf(dense, pool, chosen);
    const rows = contexts.flatMap((tokens) => [
      ...forward(dense, { ...help, tokens }).logits.data.subarray(-vocabSize),
    ]);
    expect(rows).toBeAllClose(golden.tensor(`dense/pool/${chosen}/logits`).data, TOLERANCES.logits);
  });
});

it('has a head of its own where embeddings are not tied', () => {
  const embedding = dense.tensors.get('model.embed_tokens.weight');
  if (embedding === undefined) throw new Error('the fixture has embeddings');
  const head = { shape: embedding.shape, data: embedding.data.map((value) => 2 * value) };
  const untied: Checkpoint = {
    config: { ...dense.config, tieWordEmbeddings: false },
    tensors: new Map([...dense.tensors, ['lm_head.weight', head]]),
  };
  const [twice, once] = [untied, dense].map((model) => forward(model, { tokens: short, start: 0 }).logits.data);
  expect(twice).toBeAllClose(once?.map((value) => 2 * value) ?? [], TOLERANCES.logits);
});
