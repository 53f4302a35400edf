import { expect, test } from 'vitest';
import { DEFAULT_INSIDE_CHOICE } from '../../state/inside-choice.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { until } from '../../testing/until.ts';
import { type InsideVisit, setFact, visitInside } from '../../testing/visit-inside.ts';
import { type FigureExport, toFileName } from '../../ui/charts/figure-export.ts';
import { toInsideTables } from './all-tables.ts';

/** Everything that the tab can do with one question and recipe, view after view. */
async function lookAtAll({ stores, inside, statuses }: InsideVisit): Promise<void> {
  const { insideDistance, insideRouting, insideMatrix, insidePatch } = stores;
  const leave = inside().watch();
  const whenReady = (count: number) =>
    until(() => inside().captures.size === count && Object.values(statuses()).every((status) => status === 'ready'));
  await whenReady(2);
  inside().choose({ view: 'lens' });
  await whenReady(5);
  inside().choose({ view: 'routing', items: 16 });
  await whenReady(2);
  insideRouting.getState().ask();
  await until(() => insideRouting.getState().asked.get('idp')?.status === 'ready');
  await until(() => insideRouting.getState().asked.get('idp-apart')?.status === 'ready');
  insideRouting.getState().startStudy();
  await until(() => insideRouting.getState().run.status === 'done' && insideRouting.getState().study?.n === 16);
  insideDistance.getState().start();
  await until(() => insideDistance.getState().run.status === 'done' && insideDistance.getState().results?.n === 16);
  const leaveMatrix = insideMatrix.getState().watch();
  for (const matrixOf of ['lora-merged', 'compressed'] as const) {
    inside().choose({ view: 'weights', matrixOf });
    await until(() => insideMatrix.getState().matrix.status === 'ready');
  }
  inside().choose({ view: 'patching' });
  for (const patched of ['residual', 'heads'] as const) {
    inside().choose({ patched });
    insidePatch.getState().start();
    await until(() => insidePatch.getState().patch.status === 'ready');
  }
  leaveMatrix();
  leave();
}

const MATRIX = 'model-layers-0-self-attn-q-proj';

/** Files of the small model: three layers, no more than a window's worth of weights. */
const OF_QUESTION = [
  ...[1, 2, 3].map((layer) => `attention-layer-${layer}`),
  'attention-to-prompt',
  'answer-by-layer',
  'idp-routing',
  'idp-apart-routing',
  'patching-residual',
  'patching-heads',
];
const OF_STUDIES = ['distance-by-layer', 'idp-rules', 'idp-choice-by-domain', 'idp-choice-by-relation'];
const OF_MATRICES = [
  ...['weights', 'pattern', 'single-weights'].map((figure) => `${figure}-compressed`),
  ...['weights', 'singular-values', 'pattern', 'single-weights'].map((figure) => `${figure}-lora-merged`),
].map((name) => `${name}-${MATRIX}`);

function readTables(stores: InsideVisit['stores']): ReadonlyMap<string, FigureExport> {
  const tables = [...toInsideTables(stores)];
  const named = new Map(tables.map((table) => [toFileName(table, 'csv').slice(table.pack.length + 1, -4), table]));
  expect(named.size, 'every table has a name of its own').toBe(tables.length);
  return named;
}

/** What a table has in one column. */
function valuesOf(table: FigureExport | undefined, name: string) {
  const at = table?.columns.findIndex((column) => column.name === name) ?? -1;
  if (table === undefined || at < 0) throw new Error(`there is no column ${name}`);
  return [...new Set(table.rows.map((row) => row[at]))];
}

test('every view is a table, whichever is open, and each row says of which recipe, question and device it is', async () => {
  const visit = await visitInside();
  const { stores, inside } = visit;
  expect([...toInsideTables(stores)]).toEqual([]);
  await lookAtAll(visit);
  inside().choose({ view: 'distance', matrixOf: 'lora-merged', module: 'model.layers.1.mlp.up_proj' });
  const tables = readTables(stores);
  expect([...tables.keys()]).toEqual([...OF_QUESTION, ...OF_STUDIES, ...OF_MATRICES]);
  for (const [name, table] of tables) {
    expect(table.rows.length, name).toBeGreaterThan(0);
    for (const row of table.rows) expect(row, name).toHaveLength(table.columns.length);
    expect(valuesOf(table, 'source'), name).toEqual(['live']);
    expect(valuesOf(table, 'runs on'), name).toEqual(['webgpu']);
    expect(valuesOf(table, 'recipe'), name).toEqual(['Magnitude 60 %']);
  }
  for (const name of OF_QUESTION) {
    expect(valuesOf(tables.get(name), 'question'), name).toEqual([inside().question?.text]);
    expect(valuesOf(tables.get(name), 'right answer'), name).toEqual([inside().question?.answer]);
  }
});

test('attention holds every head of every regime that was looked at, and the difference of the two that are chosen', async () => {
  const visit = await visitInside();
  const { stores, inside, statuses } = visit;
  const leave = inside().watch();
  await until(() => statuses().idp === 'ready');
  inside().choose({ right: 'prompt' });
  await until(() => statuses().prompt === 'ready');
  leave();
  const layer = readTables(stores).get('attention-layer-2');
  const difference = 'prompt minus dense, prompt left out';
  expect(valuesOf(layer, 'regime')).toEqual(['dense', 'prompt', 'idp', difference]);
  expect(valuesOf(layer, 'head')).toEqual(['mean', 1, 2]);
  expect(valuesOf(layer, 'layer')).toEqual([2]);
});

test('repairs that were trained for another recipe or on the fact that is asked for are named', async () => {
  const visit = await visitInside();
  const { stores } = visit;
  stores.recipe.getState().setPreset('magnitude-severe');
  stores.board.getState().setExposure('seen');
  await until(() => stores.recipe.getState().variant.status === 'ready');
  await lookAtAll(visit);
  const tables = readTables(stores);
  expect(valuesOf(tables.get('answer-by-layer'), 'regimes trained on this fact')).toEqual(['prompt idp lora-merged']);
  expect(valuesOf(tables.get('idp-apart-routing'), 'regimes trained for another recipe')).toEqual(['idp-apart']);
  expect(valuesOf(tables.get('idp-routing'), 'regimes trained for another recipe')).toEqual([null]);
});

test('another question takes its own tables along, and studies and matrices stay', async () => {
  const visit = await visitInside();
  await lookAtAll(visit);
  setFact(visit.stores, 2);
  expect([...readTables(visit.stores).keys()]).toEqual([...OF_STUDIES, ...OF_MATRICES]);
  visit.stores.engine.getState().stopLoading();
  expect([...readTables(visit.stores).keys()]).toEqual(OF_STUDIES);
});

test('a large matrix leaves with all its zeros, and weight by weight as far as single ones are in sight', () => {
  const shape = [64, 64] as const;
  const matrix = { shape, weight: Float32Array.from({ length: 64 * 64 }, (_, i) => (i < 64 ? 0 : i)) };
  const of = { module: 'model.layers.0.mlp.up_proj', before: matrix, after: matrix, lora: null };
  const readAt = (zoom: number) => {
    const choice = { ...DEFAULT_INSIDE_CHOICE, patternView: { zoom, middle: { row: 48, column: 48 } } };
    const insideMatrix = { kept: () => [{ key: 'compressed' as const, of }] };
    return readTables(makeStores({ inside: { choice }, insideMatrix }));
  };
  const [pattern, single] = ['pattern', 'single-weights'].map(
    (figure) => `${figure}-compressed-model-layers-0-mlp-up-proj`,
  );
  const away = readAt(0);
  const near = readAt(1);
  for (const tables of [away, near]) {
    expect(valuesOf(tables.get(pattern ?? ''), 'Compressed, zeros')).toEqual([64, 0]);
    expect(tables.get(pattern ?? '')?.rows).toHaveLength(64);
  }
  expect([...away.keys()]).not.toContain(single);
  expect(valuesOf(near.get(single ?? ''), 'output')).toEqual(Array.from({ length: 32 }, (_, i) => i + 33));
  expect(near.get(single ?? '')?.rows).toHaveLength(32 * 32);
});
