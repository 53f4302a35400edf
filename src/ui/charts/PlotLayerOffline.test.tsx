import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { PlotLayer } from './PlotLayer.tsx';
import type { Plot } from './plot.ts';

const asked = vi.hoisted(() => ({ times: 0 }));

// The chart library's file is gone, as after a deploy that removed it.
vi.mock('./InteractivePlot.tsx', () => {
  asked.times += 1;
  throw new Error('Failed to fetch dynamically imported module');
});

const PLOT: Plot = {
  rows: [
    {
      key: 'idp',
      marks: [{ name: 'held-out', estimate: { value: 0.5, low: 0.4, high: 0.6, n: 9 }, top: 0.5, look: 'filled' }],
    },
  ],
  scale: { max: 1, ticks: [0, 1] },
  band: null,
  hasStem: false,
  format: String,
  unit: 'items',
};

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

it('a plot whose chart library cannot be fetched stays as it was painted', async () => {
  const { container } = render(<PlotLayer plot={PLOT} label="Accuracy." />);
  await vi.waitFor(() => expect(asked.times).toBeGreaterThan(0), { timeout: 10_000 });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(container.querySelectorAll('path')).toHaveLength(1);
  expect(screen.queryByRole('application')).toBeNull();
});
