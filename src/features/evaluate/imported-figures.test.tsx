import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ResultSet } from '../../state/results.ts';
import { makeImportedRun } from '../../testing/make-imported-run.ts';
import { makeEstimate, makeRecorded, makeResultSet, makeRow } from '../../testing/make-results.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { EvaluatePanel } from './EvaluatePanel.tsx';
import { toWhoseExport } from './figure-props.ts';
import { toLatencyExport } from './tables.ts';

const plain = (text: string | null | undefined) => (text ?? '').replaceAll('\u00a0', ' ');

const IMPORTED = {
  ...makeResultSet().source,
  kind: 'imported',
  device: 'A laptop (WebGPU)',
  fileName: 'theirs.json',
} as const;

type Overrides = Parameters<typeof makeStores>[0];

/** An imported run in view. */
function renderImported({ set = {}, ...overrides }: { set?: Partial<ResultSet> } & Overrides) {
  const results = makeResultSet({ source: IMPORTED, ...set });
  const run = makeImportedRun(results);
  const stores = makeStores({ share: { imported: [run] }, view: { results: 'imported' }, ...overrides });
  return renderWithStores(<EvaluatePanel />, stores);
}

const figure = async (name: string) => screen.findByRole('figure', { name });

// Fetched once, outside of any test's time.
beforeAll(() => import('./late-figures.ts'));

describe('an imported run', () => {
  it('stands beside what was measured here of its recipe, each figure with its own badge, source and table', async () => {
    renderImported({ evaluate: { live: makeResultSet() } });
    for (const name of ['Accuracy', 'Latency']) {
      const imported = await figure(`${name}, imported`);
      const own = await figure(`${name}, measured here`);
      expect(within(imported).getByText('imported, measured on A laptop (WebGPU), 21 Nov 2026')).toBeDefined();
      expect(plain(imported.textContent)).toContain('Imported from theirs.json');
      expect(within(own).getByText('measured here on Test adapter (WebGPU), 21 Nov 2026')).toBeDefined();
      expect(own.textContent).not.toContain('theirs.json');
      for (const each of [imported, own]) fireEvent.click(within(each).getByRole('radio', { name: 'Table' }));
      expect(within(imported).getByRole('table', { name: `${name} by regime, imported` })).toBeDefined();
      expect(within(own).getByRole('table', { name: `${name} by regime, measured here` })).toBeDefined();
    }
    expect(screen.queryByText(/^recorded on/)).toBeNull();
  });

  it('stands beside the recording where nothing was measured here, and the buttons of a run with the latter', async () => {
    renderImported({});
    const own = await figure('Accuracy, recorded');
    expect(within(own).getByText('recorded on CPU (wasm), 20 Nov 2026')).toBeDefined();
    expect(within(own).getByRole('button', { name: /^Score \d/ })).toBeDefined();
    expect(within(await figure('Accuracy, imported')).queryByRole('button', { name: /^Score \d/ })).toBeNull();
  });

  it('takes each quantity from one source: times that were not measured here are the recorded ones, and say so', async () => {
    const rows = makeResultSet().rows.map((row) => ({ ...row, latency: null }));
    renderImported({ evaluate: { live: makeResultSet({ rows }) } });
    expect(await figure('Accuracy, measured here')).toBeDefined();
    expect(within(await figure('Latency, recorded')).getByText('recorded on CPU (wasm), 20 Nov 2026')).toBeDefined();
  });

  it('has the lines of the other run, and its axis of times', async () => {
    const dense = makeRow('dense');
    const slow = { ...dense, latency: dense.latency && { ...dense.latency, ttftMs: makeEstimate(36, 2, 30) } };
    renderImported({ set: { rows: [slow] }, evaluate: { live: makeResultSet() } });
    const [imported, own] = [await figure('Latency, imported'), await figure('Latency, measured here')];
    const read = (of: HTMLElement) =>
      within(of)
        .getByRole('group', { name: /first token/ })
        .textContent?.replaceAll(/\s+/g, ' ');
    expect(read(imported)).toContain('IDP–');
    for (const each of [imported, own]) expect(read(each)).toMatch(/0 ?10 ?20 ?30 ?40/);
  });

  it('of another recipe stands alone, and a sentence says so', async () => {
    const recipe = { version: 1, steps: [{ method: 'magnitude', sparsity: 0.7, granularity: 'per-output' }] } as const;
    renderImported({ set: { recipe }, evaluate: { live: makeResultSet() } });
    expect(await screen.findByText(/is another one: Magnitude 60 %\..*stands alone/)).toBeDefined();
    expect(screen.getByRole('figure', { name: 'Accuracy' })).toBeDefined();
    expect(screen.getAllByRole('figure')).toHaveLength(2);
    expect(screen.queryByText(/^measured here on/)).toBeNull();
  });

  it('of another shipped recipe stands beside the recording of that one', async () => {
    const recorded = makeRecorded('rtn-severe');
    const recipe = { version: 1, steps: [{ method: 'rtn', bits: 2, groupSize: 32, symmetric: false }] } as const;
    const sets = [makeRecorded('magnitude-mild'), { ...recorded, recipe, recipeLabel: 'RTN 2 bit' }];
    renderImported({ set: { recipe }, pack: { recorded: { status: 'ready', sets } } });
    expect(plain((await figure('Accuracy, recorded')).textContent)).toContain('RTN 2 bit. Exact match');
    expect(screen.getByText(/^Two runs of one recipe.*is another one: Magnitude/)).toBeDefined();
  });

  it('of a recipe that nobody measured has an empty figure beside it, to be filled here', async () => {
    renderImported({ pack: { recorded: { status: 'ready', sets: [] } } });
    const own = await figure('Accuracy, measured here');
    expect(own.textContent).toContain('Nothing measured yet');
    expect(within(own).queryByText(/^(measured here|recorded) on/)).toBeNull();
    expect(screen.getByText(/^Nothing was recorded of this recipe/)).toBeDefined();
  });

  it('makes way for what was measured here when that is chosen', async () => {
    renderImported({ evaluate: { live: makeResultSet() } });
    await figure('Accuracy, imported');
    fireEvent.click(screen.getByRole('radio', { name: 'Measured here' }));
    await waitFor(() => expect(screen.getAllByRole('figure')).toHaveLength(2));
    expect(screen.queryByText(/theirs\.json/)).toBeNull();
  });
});

describe('figures that stand beside another', () => {
  it('go to files of other names than those of figures alone', () => {
    const exported = toLatencyExport('atlas', makeResultSet(), [makeRow('idp')]);
    const beside = { whose: 'measured here', results: null, lead: null } as const;
    expect(toWhoseExport(exported, beside)).toEqual({ ...exported, measure: 'latency-measured-here' });
    expect(toWhoseExport(exported, undefined)).toBe(exported);
  });
});
