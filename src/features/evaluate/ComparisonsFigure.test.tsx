import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { ComparisonSet } from '../../state/comparisons-state.ts';
import { makeComparisonSet } from '../../testing/make-comparisons.ts';
import { makeResultSet } from '../../testing/make-results.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { makeTimeComparisons } from '../../testing/make-timings.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { ACCURACY, TIME_MEASURES } from '../../ui/comparison-measure.ts';
import { toComparisonColumns, toComparisonExport, toComparisonTable } from '../../ui/comparison-rows.ts';
import { ComparisonsFigure } from './ComparisonsFigure.tsx';

const plain = (text: string | null | undefined) => (text ?? '').replaceAll('\u00a0', ' ');
const live = { live: makeResultSet() };

function renderSet(of: ComparisonSet) {
  const phase = { status: 'ready', of } as const;
  const comparisons = of.source.kind === 'live' ? { live: phase } : { recorded: phase };
  const evaluate = of.source.kind === 'live' ? live : {};
  return renderWithStores(<ComparisonsFigure />, makeStores({ evaluate, comparisons }));
}

const row = (name: string) =>
  plain(screen.getByText(name, { exact: false, selector: 'li .visually-hidden' }).closest('li')?.textContent);

describe('paired comparisons', () => {
  it('give difference, interval, both p-values and items, and say in whose favour a decided one is', () => {
    renderSet(makeComparisonSet());
    expect(row('LoRA-merged against no repair')).toMatch(
      /\+\d+\.\d points \[\d+\.\d, \d+\.\d\] favours LoRA-merged p < 0\.001, after Holm < 0\.001, 200 items$/,
    );
    expect(row('IDP against LoRA-merged')).toMatch(/−\d+\.\d points.*favours LoRA-merged p/);
    expect(row('LoRA-merged: held-out against seen')).toMatch(/favours seen facts p/);
  });

  it('say of an undecided one how many items it would need', () => {
    renderSet(makeComparisonSet());
    expect(row('IDP against no repair')).toMatch(/undecided; you would need about [\d,]+ items/);
  });

  it('say for what difference items are needed, and take another one', () => {
    const planFor = vi.fn();
    const of = { ...makeComparisonSet(), plannedDifference: 0.02 };
    renderWithStores(
      <ComparisonsFigure />,
      makeStores({ evaluate: live, comparisons: { live: { status: 'ready', of }, plannedDifference: 0.02, planFor } }),
    );
    const figure = screen.getByRole('figure', { name: 'Paired comparisons' });
    expect(plain(figure.textContent)).toContain('Items needed: at 80 % power, for a difference of 2.0 points.');
    const field = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Items needed to see' });
    expect(field.value).toBe('0.02');
    fireEvent.change(field, { target: { value: '0.05' } });
    expect(planFor).toHaveBeenLastCalledWith(0.05);
    fireEvent.change(field, { target: { value: 'at hand' } });
    expect(planFor).toHaveBeenLastCalledWith(null);
  });

  it('draw nothing as decided before the preset number of items, however clear it looks', () => {
    renderSet(makeComparisonSet({ presetItems: 400 }));
    const figure = screen.getByRole('figure', { name: 'Paired comparisons' });
    expect(row('LoRA-merged against no repair')).toContain('too early: 200 of the 400 items set beforehand');
    expect(plain(figure.textContent)).not.toContain('favours');
    const marks = [...figure.querySelectorAll('li path')].map((path) => path.getAttribute('fill'));
    expect(new Set(marks)).toEqual(new Set(['var(--panel)']));
  });

  it('show what a person picked apart from the declared ones, unadjusted and said so', () => {
    const of = makeComparisonSet({
      picked: [
        { key: 'prompt', exposure: 'held-out' },
        { key: 'idp', exposure: 'held-out' },
      ],
    });
    renderSet(of);
    const heading = screen.getByRole('heading', { name: /^Exploratory: picked by you, unadjusted/ });
    const section = plain(heading.closest('section')?.textContent);
    expect(section).toContain('Prompt against IDP');
    expect(section).toMatch(/exploratory, unadjusted: decides nothing.* p [\d.]+, 200 items/);
    expect(section).not.toContain('after Holm');
  });

  it('say how intervals and p-values were made, how many comparisons were declared, and which number was preset', () => {
    renderSet(makeComparisonSet());
    const text = plain(screen.getByRole('figure', { name: 'Paired comparisons' }).textContent);
    expect(text).toContain('95 % intervals over 100 subjects, cluster bootstrap');
    expect(text).toContain('McNemar’s exact test over subjects, two-sided; after Holm over the 7 comparisons');
    expect(text).toContain('not before the 200 items that were set when the run began');
    expect(text).toContain('measured here on Test adapter');
  });

  it('follow the results of the charts: recorded ones are labelled as recorded', () => {
    renderSet(makeComparisonSet({ kind: 'recorded' }));
    const figure = screen.getByRole('figure', { name: 'Paired comparisons' });
    expect(within(figure).getByText(/^recorded on/)).toBeDefined();
    expect(within(figure).queryByText(/^measured here/)).toBeNull();
  });

  it('compare any two that answered once both are chosen, and stop when one is taken away', () => {
    const pick = vi.fn();
    const comparisons = { live: { status: 'ready', of: makeComparisonSet() } as const, pick };
    renderWithStores(<ComparisonsFigure />, makeStores({ evaluate: live, comparisons }));
    const first = screen.getByRole('combobox', { name: 'Compare, exploratory' });
    const second = screen.getByRole('combobox', { name: 'with' });
    fireEvent.change(first, { target: { value: 'lora-merged seen' } });
    expect(pick).toHaveBeenLastCalledWith(null);
    fireEvent.change(second, { target: { value: 'dense held-out' } });
    expect(pick).toHaveBeenLastCalledWith([
      { key: 'lora-merged', exposure: 'seen' },
      { key: 'dense', exposure: 'held-out' },
    ]);
    fireEvent.change(first, { target: { value: 'none' } });
    expect(pick).toHaveBeenLastCalledWith(null);
  });

  it('say what is missing where there is nothing to compare', () => {
    renderWithStores(<ComparisonsFigure />);
    expect(screen.getByText(/^Nothing to compare yet/)).toBeDefined();
  });

  it('say so too where none is declared of what answered, and still let any two be picked', () => {
    renderSet({ ...makeComparisonSet(), declared: [] });
    expect(screen.getByText(/^Nothing to compare yet/)).toBeDefined();
    expect(screen.queryByText(/decided/)).toBeNull();
    expect(screen.getByRole('combobox', { name: 'Compare, exploratory' })).toBeDefined();
  });

  it('say what failed', () => {
    const error = { code: 'pack-invalid', message: 'The file is damaged.', details: {} } as const;
    renderWithStores(<ComparisonsFigure />, makeStores({ comparisons: { recorded: { status: 'failed', error } } }));
    expect(screen.getByText(/The file is damaged/)).toBeDefined();
  });
});

const TIMES = makeTimeComparisons({ compressed: 10, prompt: 10, idp: 12, 'lora-merged': 10, 'lora-unmerged': 15 });

function renderTimes(timeComparisons: ReturnType<typeof makeTimeComparisons> | null) {
  const live = makeResultSet({ timeComparisons });
  renderWithStores(<ComparisonsFigure />, makeStores({ evaluate: { live } }));
  fireEvent.click(screen.getByRole('radio', { name: 'First token' }));
}

describe('paired comparisons of times', () => {
  it('give the change by round, its interval and both p-values, and favour the faster one', () => {
    renderTimes(TIMES);
    expect(row('LoRA unmerged against no repair')).toMatch(
      /^.*\+49\.\d % \[48\.\d, 50\.\d\] favours no repair p < 0\.001, after Holm < 0\.001, 30 rounds$/,
    );
    expect(row('IDP against LoRA-merged')).toMatch(/\+\d+\.\d %.*favours LoRA-merged p/);
    expect(row('Prompt against no repair')).toMatch(/undecided/);
  });

  it('say how they were paired, tested and adjusted: both times are one family', () => {
    renderTimes(TIMES);
    const text = plain(screen.getByRole('figure', { name: 'Paired comparisons' }).textContent);
    expect(text).toContain('on the same 30 rounds; whiskers and brackets are 95 % intervals, bootstrap over rounds');
    expect(text).toContain('the exact sign test over rounds, two-sided; after Holm over the 10 comparisons');
    expect(text).toContain('not before the 10 rounds that an interval needs');
    expect(text).toContain('left of 0: the first named is better');
    expect(text).toContain('Each recovery against none');
    expect(text).not.toContain('held-out');
  });

  it('decide nothing of fewer rounds', () => {
    renderTimes(makeTimeComparisons({ compressed: 10, 'lora-unmerged': 15 }, 6));
    expect(row('LoRA unmerged against no repair')).toContain('too early: 6 of the 10 rounds set beforehand');
  });

  it('say why there are none: nothing was timed in turns, or a recording kept medians alone', () => {
    renderTimes([]);
    expect(screen.getByText(/^Nothing to compare yet: regimes must have been timed in turns/)).toBeDefined();
    cleanup();
    renderTimes(null);
    expect(screen.getByText(/^This recording kept the medians of each regime/)).toBeDefined();
  });

  it('have a table and a file of their own', () => {
    const declared = TIMES.filter(({ phase, isExploratory }) => phase === 'perTokenMs' && !isExploratory);
    const { source } = makeResultSet();
    const measure = TIME_MEASURES.perTokenMs;
    const set = { measure, source, presetItems: 10, availableItems: null, declared, exploratory: null };
    const columns = toComparisonColumns(measure);
    expect(columns).toContain('Rounds');
    for (const { cells } of toComparisonTable(set)) expect(cells).toHaveLength(columns.length);
    const file = toComparisonExport('atlas', 'Magnitude 60 %', set);
    expect(file.columns.map(({ name }) => name)).toContain('rounds needed');
    for (const cells of file.rows) expect(cells).toHaveLength(file.columns.length);
  });
});

describe('the comparisons’ table and file', () => {
  it('have a cell for every column and tell declared from exploratory', () => {
    const compared = makeComparisonSet({
      picked: [
        { key: 'dense', exposure: 'held-out' },
        { key: 'idp', exposure: 'seen' },
      ],
    });
    const set = { ...compared, measure: ACCURACY };
    const table = toComparisonTable(set);
    expect(table.map(({ cells }) => cells.length)).toEqual(table.map(() => toComparisonColumns(ACCURACY).length));
    expect(table.map(({ cells }) => cells[1])).toEqual([...set.declared.map(() => 'declared'), 'exploratory']);
    expect(table.at(-1)?.cells[6]).toBe('unadjusted');
    const { columns, rows } = toComparisonExport('atlas', 'Magnitude 60 %', set);
    expect(rows.map((cells) => cells.length)).toEqual(rows.map(() => columns.length));
  });
});
