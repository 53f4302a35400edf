import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseTask, toContext } from '../core/eval/tasks.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import type { Recovery } from '../core/recover/recovery.ts';
import { openAtlas, ATLAS as PACK } from '../testing/atlas-pack.ts';
import { recoveriesOf } from '../testing/recoveries.ts';
import type { PackFiles } from './pack-files.ts';
import type { Runner } from './runner-type.ts';

/** The shipped pack, whole: every recipe and repair against PyTorch's goldens. Runs wherever the pack is checked in. */
const isThere = existsSync(new URL('manifest.json', PACK));

describe.runIf(isThere)('the shipped pack', { timeout: 300_000 }, () => {
  let manifest: PackManifest;
  let files: PackFiles;
  let runner: Runner;
  let close: () => void;

  beforeAll(async () => {
    ({ manifest, files, runner, close } = await openAtlas());
  });
  afterAll(() => close());

  async function gateOf(recipeId: string | null, recovery: Recovery) {
    const recipe = manifest.recipes.find(({ id }) => id === recipeId)?.recipe ?? null;
    const { checkpoint } = await files.readCheckpoint();
    const regime = { id: `${recipeId} ${JSON.stringify(recovery)}`, recipe, recovery };
    const repair = 'repairId' in recovery ? await files.readRepair(recovery.repairId, checkpoint.config) : null;
    const golden = await files.readGolden(regime, checkpoint.config.vocabSize);
    await runner.loadRecipe(recipe);
    const { gate, sessionsCreated } = await runner.prepareRegime(regime, repair, golden);
    return { id: regime.id, status: gate.status, sessionsCreated };
  }

  test('a pack whose reading was stopped before it began is not read', async () => {
    const signal = AbortSignal.abort();
    await expect(files.readCheckpoint({ signal })).rejects.toMatchObject({ code: 'stopped' });
  });

  test('the calibration sentences are those of the calibration facts and the general ones', async () => {
    const sentences = await files.readSentences();
    const whole = sentences.filter(({ length }) => length === 1).flat();
    const general = readFileSync(new URL(manifest.calibration ?? '', PACK), 'utf8')
      .trim()
      .split('\n');
    expect(whole).toEqual(general);
    expect(sentences.length).toBeGreaterThan(whole.length + manifest.folds.calibration);
  });

  test('the dense model passes its gate', async () => {
    expect(await gateOf(null, { kind: 'none' })).toMatchObject({ status: 'passed' });
  });

  test('every recipe passes its gate', async () => {
    for (const { id } of manifest.recipes) {
      expect(await gateOf(id, { kind: 'none' })).toMatchObject({ status: 'passed', sessionsCreated: 0 });
    }
  });

  test('every repair passes its gate in all of its forms, and none makes a session', async () => {
    expect(manifest.repairs.length).toBeGreaterThan(0);
    for (const repair of manifest.repairs) {
      for (const recovery of recoveriesOf(repair)) {
        expect(await gateOf(repair.recipeId, recovery)).toMatchObject({ status: 'passed', sessionsCreated: 0 });
      }
    }
  });

  test('the dense model answers its questions, packed as one by one', async () => {
    const read = (path: string) => new Uint8Array(readFileSync(new URL(path, PACK)));
    const config = manifest.tasks[0]?.config ?? '';
    const task = parseTask(read(config), read(config.replace(/\.json$/, '.jsonl')));
    const items = task.facts
      .filter(({ fold }) => fold === 'A' || fold === 'B')
      .filter((_, i) => i % 40 === 0)
      .flatMap((fact) => {
        const relation = task.relations.get(fact.relation);
        if (relation === undefined) return [];
        return [{ id: fact.id, context: toContext(fact, relation, relation.statements.length), answer: fact.answer }];
      });
    const regime = { id: 'dense', recipe: null, recovery: { kind: 'none' } } as const;
    const packed = await runner.score(regime, items);
    const single = await runner.scoreItemByItem(regime, items);
    for (const [i, outcome] of packed.entries()) {
      expect(outcome.isRight).toBe(single[i]?.isRight);
      expect(Math.abs(outcome.logLikelihood - (single[i]?.logLikelihood ?? 0))).toBeLessThan(1e-3);
    }
    expect(packed.filter(({ isRight }) => isRight).length / packed.length).toBeGreaterThan(0.9);
  });
});
