import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { ComparisonSet, ComparisonsState } from '../../state/comparisons-state.ts';
import { makeComparisonSet } from '../../testing/make-comparisons.ts';
import { makeImportedRun } from '../../testing/make-imported-run.ts';
import { makeResultSet } from '../../testing/make-results.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { ACCURACY } from '../../ui/comparison-measure.ts';
import { toComparisonExport } from '../../ui/comparison-rows.ts';
import { ComparisonsFigure } from './ComparisonsFigure.tsx';

const IMPORTED = { ...makeResultSet().source, kind: 'imported', fileName: 'theirs.json' } as const;
const plain = (text: string | null | undefined) => (text ?? '').replaceAll('\u00a0', ' ');

interface ImportedOptions {
  /** None where nothing can be compared; they are still being made where nothing is given. */
  comparisons?: ComparisonSet | 'none';
  rows?: ReturnType<typeof makeResultSet>['rows'];
  pick?: ComparisonsState['pick'];
}

function renderImported({ comparisons, rows, pick = () => undefined }: ImportedOptions) {
  const results = makeResultSet({ source: IMPORTED, timeComparisons: [], ...(rows && { rows }) });
  const run = makeImportedRun(results, { recipeLabel: 'Magnitude 60 %' });
  const of = (set: ComparisonSet) => ({ status: 'ready', of: { ...set, source: IMPORTED } }) as const;
  const imported =
    comparisons === undefined
      ? ({ status: 'loading' } as const)
      : comparisons === 'none'
        ? ({ status: 'none' } as const)
        : of(comparisons);
  const stores = makeStores({
    share: { imported: [run] },
    view: { results: 'imported' },
    comparisons: { imported, pick },
  });
  return renderWithStores(<ComparisonsFigure />, stores);
}

const row = (name: string) =>
  plain(screen.getByText(name, { exact: false, selector: 'li .visually-hidden' }).closest('li')?.textContent);

describe('paired comparisons', () => {
  it('of an imported run stand under its badge, its file and its number of items', () => {
    renderImported({ comparisons: makeComparisonSet({ kind: 'imported' }) });
    const figure = screen.getByRole('figure', { name: 'Paired comparisons' });
    expect(within(figure).getByText(/^imported, measured on Test adapter/)).toBeDefined();
    expect(plain(figure.textContent)).toContain('Imported from theirs.json, measured on Test adapter');
    expect(row('LoRA-merged against no repair')).toContain('favours LoRA-merged');
    cleanup();
    renderImported({ comparisons: { ...makeComparisonSet({ kind: 'imported' }), isPresetKept: false } });
    expect(plain(screen.getByRole('figure', { name: 'Paired comparisons' }).textContent)).toContain(
      'not before the 200 items that this page takes where a run does not say',
    );
  });

  it('hold a regime of an imported run against itself elsewhere, and go along when another is chosen', () => {
    const pick = vi.fn();
    const otherSides = [
      { key: 'idp', exposure: 'held-out', run: 'live' },
      { key: 'dense', exposure: 'held-out', run: 'live' },
      { key: 'dense', exposure: 'held-out', run: 'recorded' },
    ] as const;
    renderImported({ comparisons: { ...makeComparisonSet({ kind: 'imported' }), otherSides }, pick });
    const first = screen.getByRole('combobox', { name: 'Compare, exploratory' });
    const second = screen.getByRole<HTMLSelectElement>('combobox', { name: 'with' });
    const offered = () => within(second).queryByRole('group', { name: 'The same regime in another run' });
    expect(offered()).toBeNull();
    fireEvent.change(first, { target: { value: 'dense held-out' } });
    expect(offered()?.textContent).toBe('Dense, measured hereDense, recorded');
    fireEvent.change(second, { target: { value: 'dense held-out live' } });
    expect(pick).toHaveBeenLastCalledWith([{ key: 'dense', exposure: 'held-out' }, otherSides[1]]);
    fireEvent.change(first, { target: { value: 'idp held-out' } });
    expect(pick).toHaveBeenLastCalledWith([{ key: 'idp', exposure: 'held-out' }, otherSides[0]]);
    fireEvent.change(first, { target: { value: 'compressed held-out' } });
    expect(second.value).toBe('none');
    expect(pick).toHaveBeenLastCalledWith(null);
  });

  it('name the run of each side of such a pair, in the figure and in its file', () => {
    const set = makeComparisonSet({ kind: 'imported' });
    const [against] = set.declared;
    if (against === undefined) throw new Error('nothing was declared');
    const second = { ...against.first, run: 'live' } as const;
    const exploratory = { ...against, second, isExploratory: true, adjustedP: null };
    renderImported({ comparisons: { ...set, exploratory } });
    expect(row('Prompt against Prompt, measured here')).toContain('exploratory, unadjusted: decides nothing');
    const file = toComparisonExport('atlas', null, { ...set, exploratory, measure: ACCURACY });
    expect(file.rows.at(-1)).toEqual(expect.arrayContaining(['imported', 'Prompt', 'Prompt, measured here']));
  });

  it('say of an imported run what its file lacks', () => {
    renderImported({});
    expect(screen.getByText(/^Comparing what was imported/)).toBeDefined();
    cleanup();
    renderImported({ comparisons: 'none' });
    expect(screen.getByText(/^Nothing to compare: in this file no recovery/)).toBeDefined();
    fireEvent.click(screen.getByRole('radio', { name: 'First token' }));
    expect(screen.getByText(/^The timed runs of this file are not of regimes that took turns/)).toBeDefined();
    cleanup();
    const rows = makeResultSet().rows.map((each) => ({ ...each, latency: null }));
    renderImported({ rows });
    fireEvent.click(screen.getByRole('radio', { name: 'First token' }));
    expect(screen.getByText(/^This file has no timed runs/)).toBeDefined();
  });
});
