import { fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { makeEstimate, makeResultSet, makeRow } from '../../testing/make-results.ts';
import { CAPITAL, makeFacts, makeStores } from '../../testing/make-stores.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { EvaluatePanel } from './EvaluatePanel.tsx';
import { toAccuracyExport, toAccuracyTable, toLatencyExport, toLatencyTable } from './tables.ts';

const plain = (text: string | null | undefined) => (text ?? '').replaceAll('\u00a0', ' ');

describe('accuracy and latency', () => {
  it('show recorded results as recorded in badge and caption of both figures', () => {
    renderWithStores(<EvaluatePanel />, makeStores({ engine: { engine: { status: 'off' } } }));
    for (const name of ['Accuracy', 'Latency']) {
      const figure = screen.getByRole('figure', { name });
      expect(within(figure).getByText('recorded on CPU (wasm), 20 Nov 2026')).toBeDefined();
      expect(plain(figure.textContent)).toContain('not measured on your device');
    }
    expect(screen.queryByText(/^measured here/)).toBeNull();
  });

  it('say in every caption how many items or runs and on which device', () => {
    renderWithStores(<EvaluatePanel />, makeStores({ evaluate: { live: makeResultSet() } }));
    expect(plain(screen.getByRole('figure', { name: 'Accuracy' }).textContent)).toContain('200 items per regime');
    expect(plain(screen.getByRole('figure', { name: 'Accuracy' }).textContent)).toContain(
      'measured here on Test adapter',
    );
    expect(plain(screen.getByRole('figure', { name: 'Latency' }).textContent)).toMatch(
      /Medians of 30 runs per regime.*Each run is one question of 14 tokens behind the begin token, then 8 new tokens/,
    );
  });

  it('say in the caption of accuracies how intervals were made and over how many subjects, and give the damage its own', () => {
    renderWithStores(<EvaluatePanel />, makeStores({ evaluate: { live: makeResultSet() } }));
    const text = plain(screen.getByRole('figure', { name: 'Accuracy' }).textContent);
    expect(text).toContain('95 % intervals over 180 subjects, cluster bootstrap');
    expect(text).toContain('Damage: −37.0 points [−40.0, −34.0], paired on 200 items');
  });

  it('never mix recorded and live figures: one choice moves both', () => {
    renderWithStores(<EvaluatePanel />, makeStores({ evaluate: { live: makeResultSet() } }));
    fireEvent.click(screen.getByRole('radio', { name: 'Recorded' }));
    expect(screen.getAllByText('recorded on CPU (wasm), 20 Nov 2026')).toHaveLength(2);
    expect(screen.queryByText(/^measured here/)).toBeNull();
  });

  it('cannot be run while no engine is ready', () => {
    renderWithStores(<EvaluatePanel />, makeStores({ engine: { engine: { status: 'off' } } }));
    expect(screen.queryByRole('button', { name: /Score|Time/ })).toBeNull();
  });

  it('start with as many items as the device scores in about a minute', () => {
    const runAccuracy = vi.fn();
    const facts = { status: 'ready', facts: makeFacts(300), relations: new Map([[CAPITAL.id, CAPITAL]]) } as const;
    renderWithStores(<EvaluatePanel />, makeStores({ evaluate: { runAccuracy }, pack: { facts } }));
    fireEvent.click(screen.getByRole('button', { name: 'Score 200 items per regime' }));
    expect(runAccuracy).toHaveBeenCalledWith(200);
  });

  it('score as many items as a person sets before the run, all that there are at most', () => {
    const runAccuracy = vi.fn();
    renderWithStores(<EvaluatePanel />, makeStores({ evaluate: { runAccuracy } }));
    const field = screen.getByRole('combobox', { name: 'Items per regime' });
    expect([...field.querySelectorAll('option')].map(({ textContent }) => textContent)).toEqual([
      '40 items',
      'all 41 items',
    ]);
    fireEvent.change(field, { target: { value: '40' } });
    fireEvent.click(screen.getByRole('button', { name: 'Score 40 items per regime' }));
    expect(runAccuracy).toHaveBeenCalledWith(40);
  });

  it('count while they run, and stop', () => {
    const stop = vi.fn();
    renderWithStores(
      <EvaluatePanel />,
      makeStores({ evaluate: { accuracyRun: { status: 'running', done: 340, total: 1000, nowKey: 'idp' }, stop } }),
    );
    expect(screen.getByText('Measuring IDP')).toBeDefined();
    expect(screen.getByText('340 of 1,000 items')).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(stop).toHaveBeenCalledOnce();
  });

  it('can wait and go on where it was', () => {
    const resume = vi.fn();
    const accuracyRun = { status: 'paused', done: 340, total: 1000 } as const;
    renderWithStores(<EvaluatePanel />, makeStores({ evaluate: { accuracyRun, resume } }));
    expect(screen.getByText('Paused after 340 of 1,000 items; what is finished is kept.')).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: 'Resume' }));
    expect(resume).toHaveBeenCalledOnce();
  });

  it('claim no measurement of a figure that has none yet', () => {
    const rows = makeResultSet().rows.map((row) => ({ ...row, latency: null }));
    renderWithStores(<EvaluatePanel />, makeStores({ evaluate: { live: makeResultSet({ rows }) } }));
    const latency = screen.getByRole('figure', { name: 'Latency' });
    expect(latency.textContent).toContain('Nothing measured yet');
    expect(within(latency).queryByText(/^measured here/)).toBeNull();
  });

  it('say what is kept after Stop', () => {
    renderWithStores(
      <EvaluatePanel />,
      makeStores({ evaluate: { latencyRun: { status: 'stopped', done: 45, total: 150 } } }),
    );
    expect(screen.getByText('Stopped after 45 of 150 runs; what is finished is kept.')).toBeDefined();
  });

  it('keep a line for every regime where nothing was measured', () => {
    renderWithStores(<EvaluatePanel />, makeStores({ recipe: { presetId: null } }));
    expect(screen.getByText(/Nothing was recorded for this recipe/)).toBeDefined();
    expect(
      within(screen.getByRole('figure', { name: 'Accuracy' }))
        .getByRole('group', { name: /^Accuracy by regime/ })
        .textContent?.replace(/\s+/g, ' '),
    ).toContain('LoRA-merged–');
  });
});

describe('the table twins', () => {
  it('hold every accuracy of the chart with its interval and count', () => {
    const rows = toAccuracyTable([makeRow('compressed'), makeRow('idp')]);
    expect(rows.map((row) => row.cells.map(plain))).toEqual([
      ['Compressed', 'all', '62.0 %', '61.0 % to 63.0 %', '200', '180', 'cluster bootstrap', ''],
      ['IDP', 'held-out', '76.0 %', '73.0 % to 79.0 %', '200', '180', 'cluster bootstrap', '45 % (37 % to 53 %)'],
      ['IDP', 'seen', '81.0 %', '78.0 % to 84.0 %', '200', '180', 'cluster bootstrap', ''],
    ]);
  });

  it('hold control subjects where they were asked', () => {
    const row = makeRow('dense');
    const asked = { ...row, accuracy: { ...row.accuracy, control: makeEstimate(0.05, 0.02, 140) } };
    expect(toAccuracyTable([asked]).map((line) => line.cells[1])).toEqual(['all', 'control']);
  });

  it('hold every median of the latency chart, and dashes where there is none', () => {
    const rows = toLatencyTable([makeRow('idp'), { ...makeRow('dense'), latency: null }]);
    expect(rows[0]?.cells.map(plain)).toEqual([
      'IDP',
      '13.0 ms',
      '11.5 ms to 14.5 ms',
      '0.60 ms',
      '0.50 ms to 0.70 ms',
      '4.60 ms',
      '4.30 ms to 4.90 ms',
      '30',
    ]);
    expect(rows[1]?.cells.slice(1)).toEqual(['–', '–', '–', '–', '–', '–', '–']);
  });

  it('give a median of too few runs without an interval', () => {
    const median = { value: 13, low: null, high: null, n: 4 };
    const routingMs = { value: 0.6, low: null, high: null, n: 4 };
    const latency = {
      ttftMs: median,
      prefillMs: null,
      routingMs,
      perTokenMs: null,
      timerResolutionMs: 0.1,
      startedAt: null,
      contextTokens: 14,
      newTokens: 8,
      discarded: [],
    };
    const rows = toLatencyTable([{ ...makeRow('idp'), latency }]);
    expect(rows[0]?.cells.map(plain)).toEqual(['IDP', '13.0 ms', '–', '0.60 ms', '–', '–', '–', '4']);
  });
});

describe('times that the clock does not resolve', () => {
  it('are said to be below it, never printed as 0', () => {
    const row = makeRow('idp');
    if (row.latency === null) throw new Error('the row is timed');
    const zero = { value: 0, low: 0, high: 0, n: 30 };
    const latency = { ...row.latency, routingMs: { ...zero, value: 0.05 }, perTokenMs: zero, timerResolutionMs: 0.14 };
    const [line] = toLatencyTable([{ ...row, latency }]);
    expect(line?.cells.slice(3, 7).map(plain)).toEqual([
      '< 0.14 ms',
      'below the timer',
      '< 0.02 ms',
      'below the timer',
    ]);
  });
});

describe('figures as files', () => {
  it('hold each regime by kind of fact with its recipe and where it was measured', () => {
    const { columns, rows } = toAccuracyExport('atlas', makeResultSet(), [makeRow('compressed'), makeRow('idp')]);
    expect(rows.map((row) => row.slice(0, 5))).toEqual([
      ['Magnitude 60 %, per output', 'compressed', null, 'all', 0.62],
      ['Magnitude 60 %, per output', 'idp', null, 'held-out', 0.76],
      ['Magnitude 60 %, per output', 'idp', null, 'seen', 0.81],
    ]);
    for (const row of rows) expect(row).toContain('live');
    for (const row of rows) expect(row).toHaveLength(columns.length);
  });

  it('hold medians in milliseconds, and no regime that was not timed', () => {
    const timed = [makeRow('idp'), { ...makeRow('dense'), latency: null }];
    const { columns, rows } = toLatencyExport('atlas', makeResultSet(), timed);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toHaveLength(columns.length);
    expect(rows[0]?.[columns.findIndex(({ name }) => name === 'first token')]).toBe(13);
  });
});
