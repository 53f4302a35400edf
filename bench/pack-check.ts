import { parseManifest } from '../src/core/pack/parse.ts';
import type { Recovery } from '../src/core/recover/recovery.ts';
import { createPackFiles } from '../src/engine/pack-files.ts';
import { createRunner } from '../src/engine/runner.ts';
import { recoveriesOf } from '../src/testing/recoveries.ts';
import { createPageRuntime, publish } from './page-device.ts';

/** The shipped pack on this device: every recipe, and every repair in all of its forms, against PyTorch's answers. */
async function check() {
  const baseUrl = new URL('../packs/atlas/', location.href).href;
  const manifest = parseManifest(await (await fetch(`${baseUrl}manifest.json`)).json());
  const files = createPackFiles(baseUrl, manifest, null);
  const { runtime, device } = await createPageRuntime();
  const runner = createRunner(runtime);
  const { checkpoint, tokenizer } = await files.readCheckpoint();
  await runner.loadCheckpoint(checkpoint, tokenizer, files);
  const rows = [];
  const none: Recovery = { kind: 'none' };
  const regimes = [
    { recipeId: null, recovery: none },
    ...manifest.recipes.map(({ id }) => ({ recipeId: id, recovery: none })),
    ...manifest.repairs.flatMap((repair) =>
      recoveriesOf(repair).map((recovery) => ({ recipeId: repair.recipeId, recovery })),
    ),
  ];
  for (const { recipeId, recovery } of regimes) {
    const recipe = manifest.recipes.find(({ id }) => id === recipeId)?.recipe ?? null;
    const regime = { id: `${recipeId} ${JSON.stringify(recovery)}`, recipe, recovery };
    const repair = 'repairId' in recovery ? await files.readRepair(recovery.repairId, checkpoint.config) : null;
    const golden = await files.readGolden(regime, checkpoint.config.vocabSize);
    await runner.loadRecipe(recipe);
    const { gate, sessionsCreated } = await runner.prepareRegime(regime, repair, golden);
    rows.push({ id: regime.id, status: gate.status, maxDifference: gate.maxDifference, sessionsCreated });
  }
  return { device, rows };
}

void publish(check);
