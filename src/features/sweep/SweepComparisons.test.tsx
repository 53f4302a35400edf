import { act, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { planItems } from '../../state/evaluation-plan.ts';
import { compareSweep } from '../../state/sweep-family.ts';
import type { SweepPoint, SweepResults } from '../../state/sweep-state.ts';
import { fakePlatform } from '../../testing/fake-platform.ts';
import { makeWorld } from '../../testing/make-pack.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { makeCell, makeDensePoint, makePoint, makeSweepResults } from '../../testing/make-sweep.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { toLevelExport } from './level-plots.ts';
import { findMeasure } from './measures.ts';
import { mergePoints } from './merge-results.ts';
import { toParetoExport } from './pareto-plot.ts';
import { SweepPanel } from './SweepPanel.tsx';
import { toSensitivityExport } from './sensitivity-map.ts';

const plain = (text: string | null | undefined) => (text ?? '').replaceAll('\u00a0', ' ');

const world = makeWorld();
const items = planItems(world.facts, world.relations, ['A', 'B']).slice(0, 36);

/** A point that was right on the first items. */
function withRight(point: SweepPoint, rightItems: number): SweepPoint {
  return { ...point, right: Uint8Array.from(items, (_, i) => Number(i < rightItems)) };
}

const { recipe } = makePoint('magnitude', 0.5, 'compressed');

/** A whole layer that answers four items, and a matrix that costs nothing. */
const cells = [makeCell(0, 'all', 0.9), makeCell(0, 'mlp.up_proj', 0)].map((cell) => ({
  ...cell,
  right: Uint8Array.from(items, (_, i) => Number(cell.matrix !== 'all' || i < 4)),
}));

/** A sweep of one recipe with its families; comparisons wait for so many items. */
async function makeCompared(kind: 'recorded' | 'live', presetItems = items.length): Promise<SweepResults> {
  const points = [
    withRight(makeDensePoint(), 36),
    withRight(makePoint('magnitude', 0.5, 'compressed', { recipe }), 4),
    withRight(makePoint('magnitude', 0.5, 'idp', { recipe }), 5),
    withRight(makePoint('magnitude', 0.5, 'lora-merged', { recipe }), 34),
  ];
  const sensitivity = { recipe: { version: 1, steps: [] }, label: 'Nothing', cells } as const;
  const results = makeSweepResults(kind, { items, points, sensitivity });
  const order = {
    items,
    points,
    sensitivity,
    availableItems: items.length,
    presetOf: () => presetItems,
    size: 0,
    precision: 'final',
  } as const;
  return { ...results, family: await compareSweep(fakePlatform().statistics, order) };
}

/** The accessible names of the marks of a plot, which come once it is laid out. */
async function readPoints(plot: string): Promise<string[]> {
  const buttons = await within(screen.getByRole('figure', { name: plot })).findAllByRole('button');
  return buttons.map((button) => plain(button.getAttribute('aria-label')));
}

/** The row of a regime in the table of a figure, by the table's headings. */
function readRow(figure: string, regime: string): Record<string, string> {
  const table = within(screen.getByRole('figure', { name: figure }));
  fireEvent.click(table.getByRole('radio', { name: 'Table' }));
  const headings = table.getAllByRole('columnheader').map(({ textContent }) => plain(textContent));
  const row = table.getByRole('rowheader', { name: new RegExp(`: ${regime}$`) }).closest('tr');
  const cells = [...(row?.children ?? [])].map(({ textContent }) => plain(textContent));
  return Object.fromEntries(headings.map((heading, i) => [heading, cells[i] ?? '']));
}

/** happy-dom lays nothing out: every element is said to have a plot's size. */
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 400, 256));
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('the comparisons of a sweep', () => {
  it('are asked for when the tab is opened', () => {
    const load = vi.fn(async () => undefined);
    renderWithStores(<SweepPanel />, makeStores({ sweep: { load } }));
    expect(load).toHaveBeenCalledOnce();
  });

  it('say of a recovery how it differs from no repair, and of IDP from LoRA-merged, and whether that is decided', async () => {
    renderWithStores(<SweepPanel />, makeStores({ sweep: { recorded: await makeCompared('recorded') } }));
    const points = await readPoints('Magnitude');
    const [compressed, idp, lora] = ['Compressed', 'IDP', 'LoRA-merged'].map((name) =>
      points.find((point) => point.startsWith(name)),
    );
    expect(compressed).not.toContain('against');
    expect(lora).toMatch(/\+83\.3 points against no repair \[[^\]]+\], decided,/);
    expect(idp).toMatch(/\+2\.8 points against no repair \[[^\]]+\], undecided,/);
    expect(idp).toMatch(/−80\.6 points against LoRA-merged \[[^\]]+\], decided,/);
    expect(screen.getAllByText('decided: against no repair 1 of 2; IDP against LoRA-merged 1 of 1')).toHaveLength(2);
  });

  it.each(['Damage by level', 'Pareto front'])(
    'stand in the table of "%s" with interval, p and result',
    async (figure) => {
      renderWithStores(<SweepPanel />, makeStores({ sweep: { recorded: await makeCompared('recorded') } }));
      const idp = readRow(figure, 'IDP');
      expect(idp).toMatchObject({
        'Minus no repair': '+2.8 points',
        'p after Holm': '1.000',
        'Minus LoRA-merged': '−80.6 points',
        'p of that after Holm': '< 0.001',
        'Result of that': 'favours LoRA-merged',
      });
      expect(idp.Result).toMatch(/^undecided; .*, more than the 36 there are$/);
      expect(idp['95 % interval of it']).toMatch(/points to .* points$/);
      const compressed = readRow(figure, 'Compressed');
      expect(compressed['Minus no repair']).toBe('');
    },
  );

  it('say the test, the family and its size, each source by itself', async () => {
    const [recorded, live] = [await makeCompared('recorded'), await makeCompared('live')];
    const stores = makeStores({ sweep: { recorded, live: { ...live, points: live.points.slice(0, 3) } } });
    renderWithStores(<SweepPanel />, stores);
    const figure = screen.getByRole('figure', { name: 'Damage by level' });
    const text = plain(figure.textContent);
    expect(text).toContain('p by McNemar’s exact test over subjects, two-sided');
    expect(text).toContain(
      'after Holm over the 3 declared comparisons of the recorded sweep and, apart from them, the 3 declared comparisons of the sweep measured here',
    );
    expect(text).toContain('not before the 36 items that were set when the run began');
    fireEvent.click(within(figure).getByRole('radio', { name: 'Perplexity' }));
    expect(figure.textContent).toContain('Only accuracies are compared in pairs.');
    expect((await readPoints('Magnitude')).join()).not.toContain('against');
  });

  it('say that it is too early where the preset number of items is not reached, whatever the p-value', async () => {
    renderWithStores(<SweepPanel />, makeStores({ sweep: { live: await makeCompared('live', 200) } }));
    const points = await readPoints('Magnitude');
    expect(points.find((point) => point.startsWith('LoRA-merged'))).toContain('too early to decide');
    expect(screen.getAllByText(/^decided: against no repair 0 of 2, 2 too early/)).toHaveLength(2);
    const lora = readRow('Damage by level', 'LoRA-merged');
    expect(lora.Result).toBe('too early: 36 of the 200 items set beforehand');
  });

  it('leave the page in every file, with the whole test', async () => {
    const points = mergePoints(await makeCompared('recorded'), null, []);
    for (const { columns, rows } of [
      toLevelExport('toy', points, findMeasure('accuracy')),
      toParetoExport('toy', points),
    ]) {
      const names = columns.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      const [dense, , idp] = rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
      expect(rows.map(({ length }) => length)).toEqual(rows.map(() => names.length));
      expect(idp).toMatchObject({
        'accuracy minus no repair': 1 / 36,
        'accuracy minus no repair items': 36,
        'accuracy minus no repair decided': false,
        'accuracy of IDP minus LoRA-merged decided': true,
        'accuracy of IDP minus LoRA-merged family size': 3,
        'accuracy of IDP minus LoRA-merged preset items': 36,
      });
      expect(dense).toMatchObject({ 'accuracy minus no repair': null, 'accuracy minus no repair decided': null });
    }
  });
});

describe('the cells of the sensitivity map', () => {
  const FIGURE = 'Sensitivity, layer by matrix';
  const readCell = (name: RegExp) => plain(screen.getByRole('button', { name }).getAttribute('aria-label'));

  it('say how each differs from the dense model on the same items, and whether that is decided', async () => {
    renderWithStores(<SweepPanel />, makeStores({ sweep: { recorded: await makeCompared('recorded') } }));
    expect(readCell(/^Layer 0, whole layer/)).toMatch(
      /200 items; accuracy −88\.9 points against dense \[[^\]]+\], p after Holm < 0\.001, decided$/,
    );
    expect(readCell(/^Layer 0, up_proj/)).toMatch(/0\.0 points .*, p after Holm 1\.000, undecided: no difference/);
    const text = plain(screen.getByRole('figure', { name: FIGURE }).textContent);
    expect(text).toContain(
      'p by McNemar’s exact test over subjects, two-sided, after Holm over the 2 cells of the map.',
    );
    expect(text).toContain('not before the 36 items that were set when the run began; it is so in 1 of 2.');
  });

  it('stand in the table with interval, p and result', async () => {
    renderWithStores(<SweepPanel />, makeStores({ sweep: { recorded: await makeCompared('recorded') } }));
    const figure = within(screen.getByRole('figure', { name: FIGURE }));
    fireEvent.click(figure.getByRole('radio', { name: 'Table' }));
    const row = figure.getByRole('row', { name: /whole layer/ });
    expect([...row.children].slice(-4).map(({ textContent }) => plain(textContent))).toEqual([
      '−88.9 points',
      expect.stringMatching(/points to .* points$/),
      '< 0.001',
      'favours Dense',
    ]);
  });

  it('decide nothing before the preset number of items, and nothing is said before they are compared', async () => {
    const live = await makeCompared('live', 200);
    const stores = renderWithStores(<SweepPanel />, makeStores({ sweep: { live } }));
    expect(readCell(/^Layer 0, whole layer/)).toMatch(/, too early: 36 of the 200 items set beforehand$/);
    expect(plain(screen.getByRole('figure', { name: FIGURE }).textContent)).toContain(
      'it is so in 0 of 2, 2 too early',
    );
    await act(async () => stores.sweep.setState({ live: { ...live, family: null } }));
    expect(readCell(/^Layer 0, whole layer/)).toMatch(/200 items$/);
    expect(screen.getByRole('figure', { name: FIGURE }).textContent).not.toContain('McNemar');
  });

  it('leave the page with the whole test', async () => {
    const { columns, rows } = toSensitivityExport('toy', await makeCompared('recorded'));
    const names = columns.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(rows.map(({ length }) => length)).toEqual([names.length, names.length]);
    const [layer, matrix] = rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
    expect(layer).toMatchObject({
      'accuracy minus dense': -32 / 36,
      'accuracy minus dense items': 36,
      'accuracy minus dense family size': 2,
      'accuracy minus dense preset items': 36,
      'accuracy minus dense decided': true,
      'accuracy minus dense result': 'favours Dense',
    });
    expect(matrix).toMatchObject({ 'accuracy minus dense p after Holm': 1, 'accuracy minus dense decided': false });
  });
});
