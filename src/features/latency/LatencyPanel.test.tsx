import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { SHAPE_KEYS } from '../../core/shape/shape-regimes.ts';
import type { Latency } from '../../state/results.ts';
import type { ShapeResults } from '../../state/shape-state.ts';
import { makeEstimate, makeResultSet, makeRow } from '../../testing/make-results.ts';
import { DEVICE, makeStores } from '../../testing/make-stores.ts';
import { makeTimeComparisons } from '../../testing/make-timings.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { LatencyPanel } from './LatencyPanel.tsx';
import { toPaperRows, toPhaseExport, toPhaseTable, toRatio } from './phase-rows.ts';
import { toArea, toTradeoffExport, toTradeoffPlot, toTradeoffPoints } from './tradeoff-plot.ts';

const plain = (text: string | null | undefined) => (text ?? '').replaceAll('\u00a0', ' ');
const figure = (name: string) => screen.getByRole('figure', { name });
const textOf = (name: string) => plain(figure(name).textContent);

const CHANGE = { value: -0.2, low: -0.25, high: -0.1, p: 0.0215, rounds: 12 };
const CHANGES = { ttftMs: CHANGE, perTokenMs: CHANGE };

function makeShape(overrides: Partial<ShapeResults> = {}): ShapeResults {
  const latency: Latency = {
    ttftMs: makeEstimate(40, 2, 12),
    prefillMs: makeEstimate(40, 2, 12),
    routingMs: null,
    perTokenMs: makeEstimate(8, 0.2, 12),
    timerResolutionMs: 0.1,
    startedAt: '2026-11-21T10:00:00Z',
    contextTokens: 14,
    newTokens: 8,
    discarded: [{ round: 3, reason: 'slowed' }],
  };
  const kernels = { prefillMs: makeEstimate(30, 1, 10), perTokenMs: makeEstimate(5, 0.1, 10), kernelsPerToken: 401 };
  return {
    source: { kind: 'live', device: 'Test adapter', deviceKind: 'webgpu', isSoftware: false, date: '2026-11-21' },
    numLayers: 30,
    rows: SHAPE_KEYS.map((key) => ({ key, latency, againstLora: key === 'lora-unmerged' ? null : CHANGES, kernels })),
    kernelGap: null,
    ...overrides,
  };
}

describe('accuracy against latency', () => {
  it('holds one mark per regime that was scored and timed, with both intervals and its bytes', () => {
    const rows = [makeRow('dense'), makeRow('idp'), { ...makeRow('prompt'), latency: null }];
    const points = toTradeoffPoints(rows, 'ttftMs');
    expect(points.map(({ key }) => key)).toEqual(['dense', 'idp']);
    const plot = toTradeoffPlot(points, 'ttftMs');
    const mark = plot.lines[1]?.points[0];
    expect(mark).toMatchObject({ x: 13, xInterval: { low: 11.5, high: 14.5 }, y: { value: 0.76, low: 0.73 } });
    // Area, not diameter, stands for bytes.
    expect(toArea(1_120_000, points) / toArea(1_940_000, points)).toBeCloseTo(1_120_000 / 1_940_000, 9);
  });

  it('leaves the page with the accuracy, the time and the bytes of every mark', () => {
    const points = toTradeoffPoints([makeRow('idp')], 'perTokenMs');
    const { columns, rows } = toTradeoffExport('atlas', makeResultSet(), points, 'perTokenMs');
    expect(rows[0]).toHaveLength(columns.length);
    expect(rows[0]?.slice(0, 4)).toEqual(['Magnitude 60 %, per output', 'idp', 'live', 0.76]);
    expect(rows[0]?.at(-1)).toBe(1_120_000);
  });

  it('says whose figures it draws, recorded ones as recorded', () => {
    renderWithStores(<LatencyPanel />, makeStores({ engine: { engine: { status: 'off' } } }));
    expect(within(figure('Accuracy against latency')).getByText(/^recorded on CPU/)).toBeDefined();
    expect(textOf('Accuracy against latency')).toContain('not measured on your device');
  });

  it('says of every interval of times how it was made', () => {
    renderWithStores(<LatencyPanel />, makeStores({ evaluate: { live: makeResultSet() } }));
    for (const name of ['Accuracy against latency', 'Where the time goes']) {
      expect(textOf(name)).toContain('95 % intervals of the median by bootstrap');
    }
  });

  it('says that there is nothing where nothing was measured', () => {
    renderWithStores(<LatencyPanel />, makeStores({ recipe: { presetId: null } }));
    expect(textOf('Accuracy against latency')).toContain('No regime in view was both scored and timed.');
    expect(textOf('Where the time goes')).toContain('None of these regimes was timed yet.');
  });
});

describe('where the time goes', () => {
  it('keeps routing, prefill and decode apart, each with its interval, and gives ratios to LoRA unmerged', () => {
    const comparisons = makeTimeComparisons({ 'lora-unmerged': 15, idp: 12 });
    const rows = toPaperRows([makeRow('lora-unmerged'), makeRow('idp')], comparisons);
    const [, idp] = toPhaseTable(rows, false);
    const found = comparisons.map(({ difference: { value, low, high } }) =>
      [value, low, high].map((each) => (1 + each).toFixed(2)),
    );
    const [first, token] = found.map(([value, low, high]) => `${value}× [${low}, ${high}]`);
    expect(idp?.cells.map(plain)).toEqual([
      'IDP',
      '13.0 ms',
      '11.5 ms to 14.5 ms',
      first,
      '< 0.001',
      '0.60 ms',
      '0.50 ms to 0.70 ms',
      '12.4 ms',
      '10.9 ms to 13.9 ms',
      '4.60 ms',
      '4.30 ms to 4.90 ms',
      token,
      '< 0.001',
      '30',
      '3.88 MB',
      '8,192',
    ]);
  });

  it('says how ratios were paired, or that a recording of medians alone has none with an interval', () => {
    const timeComparisons = makeTimeComparisons({ 'lora-unmerged': 15, compressed: 10, idp: 12 });
    renderWithStores(<LatencyPanel />, makeStores({ evaluate: { live: makeResultSet({ timeComparisons }) } }));
    expect(textOf('Where the time goes')).toContain('× is the median over rounds of the ratio to LoRA unmerged');
    expect(textOf('Where the time goes')).toContain('exploratory, unadjusted');
    cleanup();
    const live = makeResultSet({ timeComparisons: null });
    renderWithStores(<LatencyPanel />, makeStores({ evaluate: { live } }));
    expect(textOf('Where the time goes')).toContain('× is the ratio of two medians, without an interval');
  });

  it('gives no ratio of regimes that were not timed in turns', () => {
    const rows = toPaperRows([makeRow('lora-unmerged'), makeRow('idp')], null);
    const [lora, idp] = rows;
    if (lora === undefined || idp === undefined) throw new Error('both rows are timed');
    const later = { ...lora, latency: { ...lora.latency, startedAt: '2026-11-22' } };
    expect(toRatio(idp, later, 'ttftMs')).toBe('–');
  });

  it('names the regimes that were not timed', () => {
    const rows = makeResultSet().rows.filter(({ key }) => key !== 'lora-unmerged');
    renderWithStores(<LatencyPanel />, makeStores({ evaluate: { live: makeResultSet({ rows }) } }));
    expect(textOf('Where the time goes')).toContain('Not timed: LoRA unmerged.');
  });

  it('times the paper’s regimes together with those in view', () => {
    const runLatency = vi.fn();
    renderWithStores(<LatencyPanel />, makeStores({ evaluate: { runLatency } }));
    fireEvent.click(screen.getByRole('button', { name: /^Time every way to help/ }));
    expect(runLatency).toHaveBeenCalledWith(30, expect.arrayContaining(['dense', 'lora-unmerged', 'prefix']));
  });
});

describe('shape only, no accuracy', () => {
  it('states memory before anything is made, and starts on demand', () => {
    const start = vi.fn();
    renderWithStores(<LatencyPanel />, makeStores({ shapes: { start } }));
    expect(textOf('SmolLM2-135M: shape only, no accuracy')).toContain('Takes 811 MB of GPU memory while it runs');
    expect(start).not.toHaveBeenCalled();
    fireEvent.click(screen.getByRole('button', { name: 'Time random weights' }));
    expect(start).toHaveBeenCalledOnce();
  });

  it('cannot be started where the device cannot hold it, and says why with both numbers', () => {
    const limits = { maxBufferSize: 2 ** 26, maxStorageBufferBindingSize: 2 ** 26 };
    const engine = { status: 'ready', device: { ...DEVICE, limits }, badge: null, sizeBytes: 0 } as const;
    renderWithStores(<LatencyPanel />, makeStores({ engine: { engine } }));
    expect(textOf('SmolLM2-135M: shape only, no accuracy')).toContain(
      'The embeddings take 113 MB; this GPU binds at most 67 MB',
    );
    expect(screen.getByRole('button', { name: 'Time random weights' }).hasAttribute('disabled')).toBe(true);
  });

  it('counts while it runs, and stops', () => {
    const stop = vi.fn();
    const run = { status: 'running', done: 21, total: 210, nowKey: 'dense' } as const;
    renderWithStores(<LatencyPanel />, makeStores({ shapes: { run, now: 'Timing pruned', stop } }));
    const shape = within(figure('SmolLM2-135M: shape only, no accuracy'));
    expect(shape.getByText('Timing pruned')).toBeDefined();
    expect(shape.getByText('21 of 210 runs')).toBeDefined();
    fireEvent.click(shape.getByRole('button', { name: 'Stop' }));
    expect(stop).toHaveBeenCalledOnce();
  });

  it('shows why it failed', () => {
    const error = { code: 'limit-exceeded', message: 'The GPU has no room.', details: {} } as const;
    renderWithStores(<LatencyPanel />, makeStores({ shapes: { run: { status: 'failed', error } } }));
    expect(screen.getByText('The GPU has no room.')).toBeDefined();
  });

  it('prefers what was measured here, and says what was thrown away and how kernels were timed', () => {
    const recorded = makeShape({ source: { ...makeShape().source, kind: 'recorded' } });
    renderWithStores(<LatencyPanel />, makeStores({ shapes: { live: makeShape(), recorded } }));
    const text = textOf('SmolLM2-135M: shape only, no accuracy');
    expect(within(figure('SmolLM2-135M: shape only, no accuracy')).getByText(/^measured here/)).toBeDefined();
    expect(text).toContain('all 30 layers');
    expect(text).toContain('Round 3 was thrown away: the processor was slowed');
    expect(text).toContain('0.80× [0.75, 0.90]');
    expect(text).toContain('LoRA-merged');
    expect(text).not.toContain('LoRA merged');
    expect(text).toContain('sums of timestamp queries');
    expect(text).toContain('The clock moves in steps of 0.10 ms.');
  });

  it('says what fewer layers and a CPU leave out', () => {
    const source = { ...makeShape().source, kind: 'recorded', deviceKind: 'wasm' } as const;
    const rows = makeShape().rows.map((row) => ({ ...row, kernels: null, againstLora: null }));
    const recorded = makeShape({ source, numLayers: 4, kernelGap: 'no-gpu', rows });
    renderWithStores(<LatencyPanel />, makeStores({ shapes: { recorded } }));
    const text = textOf('SmolLM2-135M: shape only, no accuracy');
    expect(text).toContain('4 of its 30 layers');
    expect(text).toContain('nothing is extrapolated');
    expect(text).toContain('no kernel times');
    expect(text).toContain('graphs carry their weights');
    expect(text).toContain('without an interval');
  });

  it('leaves the page with every phase, its interval and its kernels', () => {
    const rows = toPaperRows([makeRow('idp')], null);
    const { columns, rows: cells } = toPhaseExport(rows, { pack: 'atlas', measure: 'phases', date: null });
    expect(cells[0]).toHaveLength(columns.length);
    expect(cells[0]?.slice(0, 5)).toEqual(['idp', 13, 11.5, 14.5, 30]);
  });
});
