import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Prompt } from '../core/harness/task.ts';
import { toPrompt } from '../core/harness/task.ts';
import type { Recovery } from '../core/recover/recovery.ts';
import { parseSafetensors, toTensor } from '../core/safetensors/parse.ts';
import { ATLAS, type AtlasPack, openAtlas } from '../testing/atlas-pack.ts';
import { readShippedTask, SHIPPED_TASKS } from '../testing/harness-fixtures.ts';
import { recoveriesOf } from '../testing/recoveries.ts';
import { TOLERANCES } from '../testing/tolerances.ts';
import '../testing/to-be-all-close.ts';

/** Log-likelihoods of a few documents of every task in every shipped regime, packed on wasm, against those of PyTorch. */
const GOLDENS = new URL('goldens/tasks/', ATLAS);
const { items }: { items: { task: string; id: string }[] } = JSON.parse(
  readFileSync(new URL('items.json', GOLDENS), 'utf8'),
);

function readPrompts(): Prompt[] {
  const tasks = new Map(SHIPPED_TASKS.map((name) => [name as string, readShippedTask(name)]));
  return items.map(({ task: name, id }) => {
    const task = tasks.get(name);
    const document = task?.documents.find((each) => each.id === id);
    if (task === undefined || document === undefined) throw new Error(`the pack has no document ${id} of ${name}`);
    return toPrompt(task, document);
  });
}

function readGoldens(recipeId: string): (name: string) => Float32Array {
  const { tensors } = parseSafetensors(new Uint8Array(readFileSync(new URL(`${recipeId}.safetensors`, GOLDENS))));
  return (name) => {
    const stored = tensors.get(name);
    if (stored === undefined) throw new Error(`${recipeId} has no log-likelihoods for ${name}`);
    return toTensor(stored).data;
  };
}

describe('documents score as in PyTorch', { timeout: 300_000 }, () => {
  const prompts = readPrompts();
  let atlas: AtlasPack;
  beforeAll(async () => {
    atlas = await openAtlas();
  });
  afterAll(() => atlas.close());

  async function scoreIn(recipeId: string | null, recovery: Recovery): Promise<number[]> {
    const { manifest, files, runner } = atlas;
    const recipe = manifest.recipes.find(({ id }) => id === recipeId)?.recipe ?? null;
    const { checkpoint } = await files.readCheckpoint();
    const repair = 'repairId' in recovery ? await files.readRepair(recovery.repairId, checkpoint.config) : null;
    const regime = { id: `${recipeId} ${JSON.stringify(recovery)}`, recipe, recovery };
    await runner.prepareRegime(regime, repair, null);
    return (await runner.scoreDocuments(regime, prompts)).flatMap(({ logLikelihoods }) => logLikelihoods);
  }

  test('by the dense model', async () => {
    const found = await scoreIn(null, { kind: 'none' });
    expect(found).toBeAllClose(readGoldens('dense')('none'), TOLERANCES.logProbabilities);
  });

  test('by every variant', async () => {
    for (const { id } of atlas.manifest.recipes) {
      const found = await scoreIn(id, { kind: 'none' });
      expect(found, id).toBeAllClose(readGoldens(id)('none'), TOLERANCES.logProbabilities);
    }
  });

  test('by every repair in all of its forms', async () => {
    for (const repair of atlas.manifest.repairs) {
      const goldens = readGoldens(repair.recipeId);
      for (const recovery of recoveriesOf(repair)) {
        const isAgain = recovery.kind === 'lora-merged' && recovery.recompress;
        const found = await scoreIn(repair.recipeId, recovery);
        const name = isAgain ? `${repair.name}/recompressed` : repair.name;
        expect(found, `${repair.id} ${recovery.kind}`).toBeAllClose(goldens(name), TOLERANCES.logProbabilities);
      }
    }
  });

  test('but not behind a text, where nothing of their own comes first', async () => {
    const regime = { id: 'text', recipe: null, recovery: { kind: 'text', text: 'Europe has many rivers.' } } as const;
    const rolling = prompts.filter(({ outputType }) => outputType === 'loglikelihood_rolling');
    await expect(atlas.runner.scoreDocuments(regime, rolling)).rejects.toMatchObject({ code: 'input-invalid' });
    const others = prompts.filter(({ outputType }) => outputType !== 'loglikelihood_rolling');
    expect(await atlas.runner.scoreDocuments(regime, others)).toHaveLength(others.length);
  });
});
