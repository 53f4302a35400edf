import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseTask, toContext } from '../core/eval/tasks.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { Pool } from '../core/recover/repair.ts';
import { ATLAS, type AtlasPack, openAtlas } from '../testing/atlas-pack.ts';
import { parseInsideGolden, toInsideRegime, toPoolFindings, toPoolItems } from '../testing/inside-golden.ts';
import { TOLERANCES } from '../testing/tolerances.ts';
import '../testing/to-be-all-close.ts';

/** A pool of the shipped pack against PyTorch's answers, and against each of its prompts alone. */
const MAX_NEW_TOKENS = 16;
const GREEDY = { temperature: 0, topK: 0, seed: 1 };
const read = (path: string) => new Uint8Array(readFileSync(new URL(path, ATLAS)));
const readFixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../testing/fixtures/${name}`, import.meta.url)));
const golden = parseInsideGolden(readFixture('inside.json'), readFixture('inside.safetensors'));

describe.runIf(existsSync(new URL('manifest.json', ATLAS)))('a pool of the shipped pack', { timeout: 60_000 }, () => {
  let atlas: AtlasPack;
  let pool: Pool;
  let regime: Regime;
  let repairId: string;

  beforeAll(async () => {
    atlas = await openAtlas();
    const { manifest, files, runner } = atlas;
    regime = toInsideRegime(golden, manifest, 'routed');
    if (regime.recovery.kind !== 'idp') throw new Error('the golden is not of a pool');
    ({ repairId } = regime.recovery);
    const { checkpoint } = await files.readCheckpoint();
    const repair = await files.readRepair(repairId, checkpoint.config);
    if (repair.kind !== 'pool') throw new Error(`${repairId} must be a pool`);
    pool = repair;
    await runner.prepareRegime(regime, pool, null);
  }, 60_000);
  afterAll(() => atlas.close());

  test('says what it says in PyTorch, as sure of it, and is routed alike', async () => {
    const found = await atlas.runner.askPool(regime, toPoolItems(golden), { maxNewTokens: MAX_NEW_TOKENS });
    const [own, expected] = [toPoolFindings(found), toPoolFindings(golden.pool.questions)];
    expect(own.said).toEqual(expected.said);
    expect(own.scores).toBeAllClose(expected.scores, TOLERANCES.probabilities);
    expect(own.confidences).toBeAllClose(expected.confidences, TOLERANCES.logProbabilities);
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
