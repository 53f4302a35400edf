import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseTask, toContext } from '../core/eval/tasks.ts';
import type { PoolAnswer } from '../core/inside/capture.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { Pool } from '../core/recover/repair.ts';
import { ATLAS, type AtlasPack, openAtlas } from '../testing/atlas-pack.ts';
import { TOLERANCES } from '../testing/tolerances.ts';
import '../testing/to-be-all-close.ts';

/** A pool of the shipped pack against PyTorch's answers, and against each of its prompts alone. */
interface PoolGolden {
  repair: string;
  questions: readonly {
    fact: string;
    text: string;
    answer: string;
    scores: readonly number[];
    chosen: number;
    answers: readonly PoolAnswer[];
  }[];
}

const MAX_NEW_TOKENS = 16;
const GREEDY = { temperature: 0, topK: 0, seed: 1 };
const read = (path: string) => new Uint8Array(readFileSync(new URL(path, ATLAS)));
const golden: { recipe: string; pool: PoolGolden } = JSON.parse(
  readFileSync(new URL('../testing/fixtures/inside.json', import.meta.url), 'utf8'),
);
const repairId = golden.pool.repair.replace(/^repairs\//, '');

describe.runIf(existsSync(new URL('manifest.json', ATLAS)))('a pool of the shipped pack', { timeout: 60_000 }, () => {
  let atlas: AtlasPack;
  let pool: Pool;
  let regime: Regime;

  beforeAll(async () => {
    atlas = await openAtlas();
    const { manifest, files, runner } = atlas;
    const { checkpoint } = await files.readCheckpoint();
    const repair = await files.readRepair(repairId, checkpoint.config);
    if (repair.kind !== 'pool') throw new Error(`${repairId} must be a pool`);
    pool = repair;
    const recipe = manifest.recipes.find(({ id }) => id === golden.recipe)?.recipe ?? null;
    regime = { id: 'idp', recipe, recovery: { kind: 'idp', repairId } };
    await runner.prepareRegime(regime, pool, null);
  }, 60_000);
  afterAll(() => atlas.close());

  test('says what it says in PyTorch, as sure of it, and is routed alike', async () => {
    const { questions } = golden.pool;
    const items = questions.map(({ fact, text, answer }) => ({ id: fact, context: text, answer }));
    const found = await atlas.runner.askPool(regime, items, { maxNewTokens: MAX_NEW_TOKENS });
    for (const [i, { id, scores, chosen, answers }] of found.entries()) {
      const expected = questions[i];
      if (expected === undefined) throw new Error('there are more outcomes than questions');
      expect({ id, chosen }).toEqual({ id: expected.fact, chosen: expected.chosen });
      expect([...scores]).toBeAllClose(expected.scores, TOLERANCES.probabilities);
      const toSaid = ({ text, isRight }: PoolAnswer) => ({ text: text.trim(), isRight });
      expect(answers.map(toSaid)).toEqual(expected.answers.map(toSaid));
      expect(answers.map(({ confidence }) => confidence)).toBeAllClose(
        expected.answers.map(({ confidence }) => confidence),
        TOLERANCES.logProbabilities,
      );
    }
  });

  test('says behind each prompt what that prompt alone says, token by token', async () => {
    const task = parseTask(read('tasks/atlas.json'), read('tasks/atlas.jsonl'));
    const items = task.facts
      .filter(({ fold }) => fold === 'B')
      .filter((_, i) => i % 60 === 0)
      .flatMap((fact) => {
        const relation = task.relations.get(fact.relation);
        if (relation === undefined) return [];
        return [{ id: fact.id, context: toContext(fact, relation, relation.statements.length), answer: fact.answer }];
      });
    expect(items.length).toBeGreaterThan(10);
    const { runner } = atlas;
    const found = await runner.askPool(regime, items, { maxNewTokens: MAX_NEW_TOKENS });
    for (const [prompt, repair] of pool.prompts.entries()) {
      const alone: Regime = { ...regime, id: 'alone', recovery: { kind: 'prompt', repairId: `${repairId}/${prompt}` } };
      await runner.prepareRegime(alone, repair, null);
      for (const [i, { context, answer }] of items.entries()) {
        const request = { regime: alone, context, answer, maxNewTokens: MAX_NEW_TOKENS, sampling: GREEDY };
        const { text, isRight } = await runner.generate(request);
        const said = found[i]?.answers[prompt];
        expect({ text: said?.text, isRight: said?.isRight }).toEqual({ text, isRight });
      }
    }
    const rights = found.flatMap(({ answers }) => answers.map(({ isRight }) => isRight));
    expect(new Set(rights)).toEqual(new Set([true, false]));
  });
});
