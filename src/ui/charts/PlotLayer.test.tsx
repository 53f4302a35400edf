import { cleanup, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PlotLayer } from './PlotLayer.tsx';
import type { Plot } from './plot.ts';

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

// happy-dom lays nothing out: every element is said to have the plot's size.
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 400, 48));
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

describe('a plot', () => {
  it('is plain SVG at first; the chart library takes over in place and leaves one drawing of each mark', async () => {
    const { container } = render(<PlotLayer plot={PLOT} label="Accuracy." />);
    expect(screen.queryByRole('application')).toBeNull();
    expect(container.querySelectorAll('path')).toHaveLength(1);
    await screen.findByRole('application', { name: /^Accuracy\. Arrow keys/ });
    await waitFor(() => expect(container.querySelector('.recharts-surface path')).not.toBeNull());
    await waitFor(() => expect(container.querySelectorAll('path')).toHaveLength(1));
    expect(container.querySelector('path')?.closest('.recharts-surface')).not.toBeNull();
  });

  it('without rows asks for no chart library', async () => {
    const { container } = render(<PlotLayer plot={{ ...PLOT, rows: [] }} label="Accuracy." />);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(screen.queryByRole('application')).toBeNull();
    expect(container.querySelectorAll('line')).toHaveLength(2);
  });
});
