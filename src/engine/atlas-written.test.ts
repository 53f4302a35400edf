import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GREEDY } from '../core/eval/sampling.ts';
import { toPrompt } from '../core/harness/task.ts';
import type { Recovery } from '../core/recover/recovery.ts';
import type { Regime } from '../core/recover/regime.ts';
import { ATLAS, type AtlasPack, openAtlas } from '../testing/atlas-pack.ts';
import { readShippedTask } from '../testing/harness-fixtures.ts';

/** What regimes of the shipped pack write, against what they are scored by and what the board shows. */
const MAX_NEW_TOKENS = 24;
const RECIPE = 'magnitude-mild';

describe.runIf(existsSync(new URL('manifest.json', ATLAS)))('the shipped pack', { timeout: 120_000 }, () => {
  const task = readShippedTask('atlas-exact');
  const prompts = task.documents.filter((_, i) => i % 10 === 0).map((document) => toPrompt(task, document));
  let atlas: AtlasPack;
  beforeAll(async () => {
    atlas = await openAtlas();
  }, 60_000);
  afterAll(() => atlas.close());

  function toRegime(name: string): Regime {
    const { recipes, repairs } = atlas.manifest;
    const recipe = recipes.find(({ id }) => id === RECIPE)?.recipe ?? null;
    const repair = repairs.find(({ recipeId, kind, fold }) => recipeId === RECIPE && kind === name && fold === 'A');
    return { id: name, recipe: name === 'dense' ? null : recipe, recovery: toRecovery(name, repair?.id ?? '') };
  }

  async function prepare(regime: Regime): Promise<void> {
    const { files, runner } = atlas;
    const { checkpoint } = await files.readCheckpoint();
    const { recovery } = regime;
    const repair = 'repairId' in recovery ? await files.readRepair(recovery.repairId, checkpoint.config) : null;
    await runner.prepareRegime(regime, repair, null);
  }

  test.each(['dense', 'compressed', 'text', 'pool', 'lora'])(
    'writes the target where its regime "%s" is scored right and nowhere else, and the words that the board shows',
    async (name) => {
      const { runner } = atlas;
      const regime = toRegime(name);
      await prepare(regime);
      const scores = await runner.scoreDocuments(regime, prompts);
      const written = await runner.writeAnswers(regime, prompts, { maxNewTokens: MAX_NEW_TOKENS });
      const isTarget = written.map(({ text }, i) => text === prompts[i]?.continuations[0]);
      expect(isTarget).toEqual(scores.map(({ isGreedy }) => isGreedy[0]));
      expect(new Set(isTarget)).toEqual(new Set([true, false]));
      const wrong = prompts.flatMap(({ context }, i) => (isTarget[i] ? [] : [{ context, text: written[i]?.text }]));
      for (const { context, text } of wrong.slice(0, 4)) {
        const request = { regime, context, answer: null, maxNewTokens: MAX_NEW_TOKENS, sampling: GREEDY };
        expect((await runner.generate(request)).text).toBe(text);
      }
    },
  );

  test('writes no space again that the context ends with', async () => {
    const regime = toRegime('dense');
    await prepare(regime);
    const context = 'Question: What is the capital of France?\nAnswer: ';
    const prompt = { id: 'q', outputType: 'generate_until', context, continuations: ['Paris'] } as const;
    const written = await atlas.runner.writeAnswers(regime, [prompt], { maxNewTokens: MAX_NEW_TOKENS });
    expect(written).toEqual([{ text: 'Paris', hasEnded: true }]);
  });
});

function toRecovery(name: string, repairId: string): Recovery {
  switch (name) {
    case 'text':
      return { kind: 'text', text: 'Answer in one word.' };
    case 'pool':
      return { kind: 'idp', repairId };
    case 'lora':
      return { kind: 'lora-merged', repairId, recompress: false };
    default:
      return { kind: 'none' };
  }
}
