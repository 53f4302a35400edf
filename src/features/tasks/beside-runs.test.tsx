import { fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { Comparison } from '../../core/eval/comparisons.ts';
import type { BesideResults, TaskBesideState } from '../../state/task-beside-state.ts';
import type { TaskResults } from '../../state/task-state.ts';
import { makeComparisonSet } from '../../testing/make-comparisons.ts';
import { IMPORTED_SOURCE } from '../../testing/make-imported-run.ts';
import { makeResultSet } from '../../testing/make-results.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { makeTaskFigure, makeTaskResults, TASK_ENTRY } from '../../testing/make-task-results.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { toGroupMap } from './group-map.ts';
import { TasksPanel } from './TasksPanel.tsx';

const plain = (text: string | null | undefined) => (text ?? '').replaceAll('\u00a0', ' ');

const RUN = {
  id: '1',
  recipe: makeResultSet().recipe,
  recipeLabel: 'Magnitude 60 %',
  source: { ...IMPORTED_SOURCE, device: 'A laptop (WebGPU)', date: '2026-02-03T00:00:00.000Z' },
};
const THEIRS = makeTaskResults({
  source: RUN.source,
  rows: [{ key: 'lora-merged', isTransferred: false, isOneTwin: false }],
  figures: [
    makeTaskFigure(0.5, { key: 'lora-merged', exposure: 'held-out' }),
    makeTaskFigure(0.3, { key: 'lora-merged', exposure: 'held-out', group: 'city' }),
  ],
});
const PAIR: Comparison = {
  ...(makeComparisonSet().declared[0] as Comparison),
  first: { key: 'idp', exposure: 'held-out' },
  second: { key: 'idp', exposure: 'held-out', run: 'live' },
  isExploratory: true,
  adjustedP: null,
  isDecided: false,
};

interface Shown {
  live?: TaskResults | null;
  brought?: Partial<BesideResults>;
  side?: Partial<TaskBesideState>;
  recipe?: Parameters<typeof makeStores>[0];
}

function render({ live = null, brought, side = {}, recipe = {} }: Shown) {
  const of = { run: RUN, results: THEIRS, against: [], ...brought };
  const taskBeside = { runs: [RUN], beside: { status: 'ready', of } as const, ...side };
  const tasks = { tasks: { status: 'ready', entries: [TASK_ENTRY] } as const, live };
  renderWithStores(<TasksPanel />, makeStores({ tasks, taskBeside, ...recipe }));
}

describe('an imported run of a task', () => {
  it('is drawn alone, labelled with its file, device and date, where nothing was measured here', () => {
    render({});
    const figure = screen.getByRole('figure', { name: 'Four choices, by regime' });
    expect(figure.textContent).toContain('imported, measured on A laptop (WebGPU)');
    expect(plain(figure.textContent)).toMatch(/Imported from theirs\.json, measured on A laptop.*not measured here/);
    const brought = screen.getByRole('region', { name: 'Imported runs of tasks' });
    expect(plain(brought.textContent)).toMatch(/theirs\.json, Magnitude 60 %, A laptop \(WebGPU\), .*2026/);
    expect(screen.queryByText(/Nothing was asked yet/)).toBeNull();
  });

  it('stands beside what was measured here, with the same lines, each under its own name', () => {
    render({ live: makeTaskResults() });
    const [imported, own] = ['imported', 'measured here'].map((whose) =>
      screen.getByRole('figure', { name: `Four choices, by regime, ${whose}` }),
    );
    expect(imported?.textContent).toContain('imported, measured on A laptop');
    expect(own?.textContent).toContain('measured here on Test adapter');
    for (const figure of [imported, own]) expect(figure?.textContent).toContain('LoRA-merged');
    expect(screen.getByRole('figure', { name: 'By kind of document, imported' })).toBeDefined();
    expect(screen.getByRole('figure', { name: 'By kind of document, measured here' })).toBeDefined();
    expect(screen.queryByRole('figure', { name: /^The imported run against/ })).toBeNull();
  });

  it('is held against what was measured here regime by regime, as exploratory', () => {
    render({ live: makeTaskResults(), brought: { against: [PAIR] } });
    const figure = screen.getByRole('figure', { name: 'The imported run against what was measured here' });
    const text = plain(figure.textContent);
    expect(text).toContain('IDP against IDP, measured here');
    expect(text).toContain('Exploratory: the same regime in both runs, unadjusted');
    expect(text).toContain('unadjusted, so nothing is decided by it');
    expect(text).toContain('The second: as measured in this browser.');
    expect(text).not.toContain('picked by you');
    fireEvent.click(within(figure).getByRole('radio', { name: 'Table' }));
    const [, row] = within(figure).getAllByRole('row');
    expect(row?.textContent).toContain('exploratory');
  });

  it('says while the two are compared that they are', () => {
    render({ live: makeTaskResults(), brought: { against: null } });
    expect(screen.getByText('Comparing the two runs.')).toBeDefined();
  });

  it('says that it is of another recipe than the one on the page', () => {
    const other = { version: 1, steps: [{ method: 'magnitude', sparsity: 0.5, granularity: 'global' }] } as const;
    render({ live: makeTaskResults(), recipe: { recipe: { recipe: other } } });
    expect(screen.getByText(/It is of another recipe than the one on the page/)).toBeDefined();
  });

  it('is not drawn for another task than the chosen one', () => {
    const elsewhere = { ...THEIRS, entry: { ...TASK_ENTRY, id: 'mine' } };
    render({ brought: { results: elsewhere } });
    expect(screen.queryByRole('figure')).toBeNull();
    expect(screen.getByText(/^Nothing was asked yet/)).toBeDefined();
  });

  it('is picked among several by file, recipe and date', () => {
    const pick = vi.fn();
    const second = { ...RUN, id: '2', source: { ...RUN.source, fileName: 'second.json' } };
    render({ side: { runs: [RUN, second], pick } });
    const list = screen.getByRole('combobox', { name: 'Imported run' });
    expect((list as HTMLSelectElement).value).toBe('1');
    fireEvent.change(list, { target: { value: '2' } });
    expect(pick).toHaveBeenCalledWith('2');
  });

  it('whose reading failed says why, and is read again', () => {
    const pick = vi.fn();
    const error = { code: 'input-invalid', message: '"theirs.json" was not read.', details: {} } as const;
    render({ side: { beside: { status: 'failed', error }, pick } });
    expect(screen.getByRole('alert').textContent).toContain('"theirs.json" was not read.');
    fireEvent.click(screen.getByRole('button', { name: 'Read it again' }));
    expect(pick).toHaveBeenCalledWith('1');
  });

  it('of a task of one’s own that is not here says which, and what to do', () => {
    const missing = [{ fileName: 'theirs.json', name: 'mine' }];
    render({ side: { runs: [], missing, beside: { status: 'none' } } });
    const text = screen.getByRole('region', { name: 'Imported runs of tasks' }).textContent;
    expect(text).toMatch(
      /theirs\.json answered mine, a task of somebody’s own that is not in this browser\. Add it first/,
    );
  });
});

it('maps of two runs have the groups, regimes and shades of both', () => {
  const own = makeTaskResults();
  const map = toGroupMap(own, 'held-out', (group) => group, THEIRS);
  const alone = toGroupMap(own, 'held-out', (group) => group);
  expect(map.columns).toEqual(['Dense', 'LoRA-merged']);
  expect(map.rows.map(({ name }) => name)).toEqual(['animal', 'city']);
  expect([map.least, map.most].map(plain)).toEqual(['60.0 %', '30.0 %']);
  expect([alone.least, alone.most].map(plain)).toEqual(['60.0 %', '60.0 %']);
  expect(toGroupMap(THEIRS, 'held-out', (group) => group, own).columns).toEqual(map.columns);
});
