import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { Checkpoint } from '../core/checkpoint/checkpoint.ts';
import { parseCheckpoint } from '../core/checkpoint/parse.ts';
import { toCalibrationSentences } from '../core/compress/calibration-samples.ts';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import { parseTask, toContext } from '../core/eval/tasks.ts';
import { createRunner, type Runner } from './runner.ts';
import { createRuntime } from './session.ts';
import { createTokenizer } from './tokenizer.ts';

/** The shipped checkpoint, compressed here, against the answers of PyTorch's variants. */
const PACK = new URL('../../public/packs/atlas/', import.meta.url);
const read = (path: string) => new Uint8Array(readFileSync(new URL(path, PACK)));
const golden: { facts: string[]; recipes: { name: string; recipe: unknown; right: string }[] } = JSON.parse(
  readFileSync(new URL('../testing/fixtures/compression/outcomes.json', import.meta.url), 'utf8'),
);
const task = parseTask(read('tasks/atlas.json'), read('tasks/atlas.jsonl'));
/** Share of the questions with the same outcome: a matrix product summed in another order may turn a narrow choice. */
const LEAST_ALIKE = 0.995;
const byId = new Map(task.facts.map((fact) => [fact.id, fact]));

let runner: Runner;

beforeAll(async () => {
  const checkpoint: Checkpoint = parseCheckpoint(read('checkpoint/config.json'), [
    read('checkpoint/model.safetensors'),
  ]);
  const tokenizer = createTokenizer(read('checkpoint/tokenizer.json'), read('checkpoint/tokenizer_config.json'));
  const general = new TextDecoder().decode(read('calibration/general.txt')).split('\n').filter(Boolean);
  runner = createRunner(await createRuntime({ kind: 'wasm' }));
  await runner.loadCheckpoint(checkpoint, tokenizer, {
    dtype: 'F16',
    readSentences: async () => toCalibrationSentences([task], general),
    // Shipped variants are PyTorch's own; here every one is made.
    readVariant: async () => null,
  });
});

test.each(golden.recipes)(
  '$name over the whole model answers as PyTorch does',
  { timeout: 120_000 },
  async ({ name, recipe, right }) => {
    const parsed = parseRecipe(recipe);
    await runner.loadRecipe(parsed);
    const items = golden.facts.map((id) => {
      const fact = byId.get(id);
      const relation = fact && task.relations.get(fact.relation);
      if (fact === undefined || relation === undefined) throw new Error(`the pack has no fact ${id}`);
      return { id, context: toContext(fact, relation, relation.statements.length), answer: fact.answer };
    });
    const scores = await runner.score({ id: name, recipe: parsed, recovery: { kind: 'none' } }, items);
    const same = scores.filter(({ isRight }, i) => isRight === (right[i] === '1')).length;
    expect(same / items.length).toBeGreaterThanOrEqual(LEAST_ALIKE);
  },
);
