import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { REGIME_KEYS } from '../../core/recover/regime.ts';
import { AccuracyChart } from './AccuracyChart.tsx';
import { ChartFigure } from './ChartFigure.tsx';
import { LatencyChart } from './LatencyChart.tsx';
import { formatScore, ScoreBars } from './ScoreBars.tsx';

afterEach(cleanup);

const BROKEN = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

describe('the accuracy chart', () => {
  it('draws whatever is finite and no attribute that is not a number', () => {
    for (const value of BROKEN) {
      const { container } = render(
        <AccuracyChart
          highlighted="idp"
          rows={[
            {
              key: 'dense',
              all: { value, low: value, high: value, n: value },
              seen: null,
              heldOut: null,
              control: null,
            },
            {
              key: 'idp',
              all: null,
              seen: { value: 0.5, low: value, high: value, n: 1 },
              heldOut: null,
              control: null,
            },
          ]}
        />,
      );
      expect(container.innerHTML).not.toMatch(/NaN|Infinity/);
      cleanup();
    }
  });

  it('prints every regime with its figures beside the plot, for those who do not see it too', () => {
    render(
      <AccuracyChart
        highlighted="idp"
        rows={[
          {
            key: 'compressed',
            all: { value: 0.62, low: 0.6, high: 0.64, n: 200 },
            seen: null,
            heldOut: null,
            control: null,
          },
          {
            key: 'idp',
            all: null,
            seen: { value: 0.81, low: 0.78, high: 0.84, n: 200 },
            heldOut: { value: 0.76, low: 0.73, high: 0.79, n: 200 },
            control: null,
          },
        ]}
      />,
    );
    const text = screen.getByRole('group', { name: /^Accuracy by regime/ }).textContent?.replaceAll('\u00a0', ' ');
    expect(text).toContain('Compressed62.0 %');
    expect(text).toMatch(/IDP.*76\.0 % held-out.*81\.0 % seen/);
  });

  it('shades the damage between compressed and dense, and nothing when there is none', () => {
    const at = (value: number) => ({ value, low: value, high: value, n: 9 });
    const { container, rerender } = render(
      <AccuracyChart
        highlighted="idp"
        rows={[
          { key: 'dense', all: at(0.9), seen: null, heldOut: null, control: null },
          { key: 'compressed', all: at(0.6), seen: null, heldOut: null, control: null },
        ]}
      />,
    );
    const band = container.querySelector('rect');
    expect(band?.getAttribute('x')).toBe('60%');
    expect(band?.getAttribute('width')).toBe('30%');
    rerender(
      <AccuracyChart
        highlighted="idp"
        rows={[
          { key: 'dense', all: at(0.6), seen: null, heldOut: null, control: null },
          { key: 'compressed', all: at(0.9), seen: null, heldOut: null, control: null },
        ]}
      />,
    );
    expect(container.querySelector('rect')).toBeNull();
  });
});

describe('control subjects', () => {
  it('are drawn and explained once they were asked', () => {
    const row = { key: 'dense' as const, all: null, seen: null, heldOut: null };
    const { container, rerender } = render(<AccuracyChart highlighted="idp" rows={[{ ...row, control: null }]} />);
    expect(screen.queryByText(/what guessing gives/)).toBeNull();
    rerender(
      <AccuracyChart highlighted="idp" rows={[{ ...row, control: { value: 0.05, low: 0, high: 0.1, n: 140 } }]} />,
    );
    expect(screen.getByText(/what guessing gives/)).toBeDefined();
    expect(container.querySelector('line[stroke-dasharray]')?.getAttribute('x1')).toBe('5%');
  });
});

describe('the latency chart', () => {
  it('survives durations of 0 ms, one regime, and none', () => {
    const zero = { value: 0, low: 0, high: 0, n: 1 };
    const { container, rerender } = render(
      <LatencyChart highlighted="idp" rows={[{ key: 'dense', ttftMs: zero, perTokenMs: zero }]} />,
    );
    expect(container.innerHTML).not.toMatch(/NaN|Infinity/);
    rerender(<LatencyChart highlighted="idp" rows={[]} />);
    expect(container.innerHTML).not.toMatch(/NaN|Infinity/);
  });

  it('draws a median without an interval as its mark alone', () => {
    const countLines = (low: number | null, high: number | null) => {
      const timing = { value: 5, low, high, n: 4 };
      const { container } = render(
        <LatencyChart highlighted="idp" rows={[{ key: 'dense', ttftMs: timing, perTokenMs: null }]} />,
      );
      expect(container.textContent).toContain('5.00');
      const count = container.querySelectorAll('line[stroke-width="1.5"]').length;
      cleanup();
      return count;
    };
    // A whisker is a line with two ends.
    expect(countLines(4, 6)).toBe(3);
    expect(countLines(null, null)).toBe(0);
  });

  it('draws every regime in the given order, by name and shape', () => {
    const one = { value: 5, low: 4, high: 6, n: 30 };
    const { container } = render(
      <LatencyChart highlighted="idp" rows={REGIME_KEYS.map((key) => ({ key, ttftMs: one, perTokenMs: one }))} />,
    );
    const shapes = new Set([...container.querySelectorAll('svg[viewBox] path')].map((path) => path.getAttribute('d')));
    expect(shapes.size).toBe(REGIME_KEYS.length);
    expect(container.textContent).toMatch(/Dense.*Compressed.*Prompt.*IDP.*LoRA-merged/);
  });
});

describe('a figure', () => {
  it('shows its table twin in place of the chart and keeps its caption', () => {
    render(
      <ChartFigure
        title="Accuracy"
        badge={null}
        chart={<p>the chart</p>}
        table={<p>the table</p>}
        caption="200 items on a test device"
        exported={{ pack: 'atlas', measure: 'accuracy', date: null, columns: [], rows: [] }}
      />,
    );
    expect(screen.queryByText('the table')).toBeNull();
    fireEvent.click(screen.getByRole('radio', { name: 'Table' }));
    expect(screen.getByText('the table')).toBeDefined();
    expect(screen.queryByText('the chart')).toBeNull();
    expect(screen.getByText('200 items on a test device')).toBeDefined();
  });
});

describe('the routing scores', () => {
  it('are drawn without a number that is not one', () => {
    const { container } = render(<ScoreBars scores={[Number.NaN, 0, 0]} chosen={1} runnerUp={2} color="red" />);
    expect(container.innerHTML).not.toMatch(/="(NaN|Infinity)/);
  });

  it('are printed with three digits, small ones as powers', () => {
    expect(formatScore(0.1234)).toBe('0.123');
    expect(formatScore(0.0000123)).toBe('1.2e-5');
    expect(formatScore(Number.NaN)).toBe('–');
  });
});
