import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Checkpoint } from '../core/checkpoint/checkpoint.ts';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import { isSameRecipe } from '../core/compress/recipe-key.ts';
import { parseTask, toContext } from '../core/eval/tasks.ts';
import { ATLAS, type AtlasPack, openAtlas } from '../testing/atlas-pack.ts';
import { shareAlike } from '../testing/share-alike.ts';
import { createRunner } from './runner.ts';
import type { Runner } from './runner-type.ts';
import { createRuntime } from './session.ts';

/** The shipped checkpoint, compressed here, against the answers of PyTorch's variants and against those variants where the pack has them. */
const read = (path: string) => new Uint8Array(readFileSync(new URL(path, ATLAS)));
const golden: { facts: string[]; recipes: { name: string; recipe: unknown; right: string }[] } = JSON.parse(
  readFileSync(new URL('../testing/fixtures/compression/outcomes.json', import.meta.url), 'utf8'),
);
const task = parseTask(read('tasks/atlas.json'), read('tasks/atlas.jsonl'));
/** Share of the questions with the same outcome: a matrix product summed in another order may turn a narrow choice. */
const LEAST_ALIKE = 0.995;
/** Share of masks or codes: a choice near a tie may fall the other way, and then those behind it (6 of 100,000 at worst). */
const LEAST_CHOSEN_ALIKE = 0.999;
const byId = new Map(task.facts.map((fact) => [fact.id, fact]));

let atlas: AtlasPack;
let checkpoint: Checkpoint;
let runner: Runner;

beforeAll(async () => {
  atlas = await openAtlas();
  const opened = await atlas.files.readCheckpoint();
  checkpoint = opened.checkpoint;
  runner = createRunner(await createRuntime({ kind: 'wasm' }));
  // Shipped variants are PyTorch's own; here every one is made.
  await runner.loadCheckpoint(checkpoint, opened.tokenizer, { ...atlas.files, readVariant: async () => null });
}, 60_000);
afterAll(() => atlas.close());

test.each(golden.recipes)(
  '$name over the whole model answers as PyTorch does, and chooses as the variant that is shipped',
  { timeout: 120_000 },
  async ({ name, recipe, right }) => {
    const parsed = parseRecipe(recipe);
    const made = await runner.compress(parsed);
    const shipped = await atlas.files.readVariant(parsed, checkpoint);
    if (shipped !== null) expect(shareAlike(made, shipped)).toBeGreaterThan(LEAST_CHOSEN_ALIKE);
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

test('every shipped variant is among them', () => {
  const shipped = atlas.manifest.recipes.filter(({ variant }) => variant !== undefined);
  expect(shipped.length).toBeGreaterThan(0);
  for (const { id, recipe } of shipped) {
    expect(
      golden.recipes.some((each) => isSameRecipe(parseRecipe(each.recipe), recipe)),
      id,
    ).toBe(true);
  }
});
