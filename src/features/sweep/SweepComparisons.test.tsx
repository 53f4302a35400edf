import { fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { planItems } from '../../state/evaluation-plan.ts';
import { compareSweep } from '../../state/sweep-family.ts';
import type { SweepPoint, SweepResults } from '../../state/sweep-state.ts';
import { fakePlatform } from '../../testing/fake-platform.ts';
import { makeWorld } from '../../testing/make-pack.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { makeDensePoint, makePoint, makeSweepResults } from '../../testing/make-sweep.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { toLevelExport } from './level-plots.ts';
import { findMeasure } from './measures.ts';
import { mergePoints } from './merge-results.ts';
import { toParetoExport } from './pareto-plot.ts';
import { SweepPanel } from './SweepPanel.tsx';

const plain = (text: string | null | undefined) => (text ?? '').replaceAll('\u00a0', ' ');

const world = makeWorld();
const items = planItems(world.facts, world.relations, ['A', 'B']).slice(0, 36);

/** A point that was right on the first items. */
function withRight(point: SweepPoint, rightItems: number): SweepPoint {
  return { ...point, right: Uint8Array.from(items, (_, i) => Number(i < rightItems)) };
}

const { recipe } = makePoint('magnitude', 0.5, 'compressed');

/** A sweep of one recipe with its family; comparisons wait for so many items. */
async function makeCompared(kind: 'recorded' | 'live', presetItems = items.length): Promise<SweepResults> {
  const points = [
    withRight(makeDensePoint(), 36),
    withRight(makePoint('magnitude', 0.5, 'compressed', { recipe }), 4),
    withRight(makePoint('magnitude', 0.5, 'idp', { recipe }), 5),
    withRight(makePoint('magnitude', 0.5, 'lora-merged', { recipe }), 34),
  ];
  const results = makeSweepResults(kind, { items, points, sensitivity: null });
  const order = {
    items,
    points,
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
