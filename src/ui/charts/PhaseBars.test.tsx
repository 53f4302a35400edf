import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { type PhaseBar, PhaseBars } from './PhaseBars.tsx';

afterEach(cleanup);

const BAR: PhaseBar = {
  id: 'idp',
  label: 'IDP',
  regime: 'idp',
  isHighlighted: true,
  parts: [
    { name: 'routing', value: 1, look: 'soft' },
    { name: 'prefill', value: 3, look: 'solid' },
  ],
  whole: { value: 4, low: 3.5, high: 5, n: 30 },
  below: null,
  values: '4.00 ms',
};

function draw(bars: readonly PhaseBar[]) {
  render(<PhaseBars bars={bars} label="Times" axisTitle="ms" />);
  const group = screen.getByRole('group', { name: 'Times' });
  return { group, rects: [...group.querySelectorAll('rect')], whiskers: group.querySelectorAll('g') };
}

describe('bars of times', () => {
  it('stand their parts behind each other from 0 on, to scale', () => {
    const { rects } = draw([BAR]);
    // The axis ends at 6: the far end of the interval is 5.
    expect(rects.map((rect) => [rect.getAttribute('x'), rect.getAttribute('width')])).toEqual([
      ['0%', '16.667%'],
      ['16.667%', '50%'],
    ]);
  });

  it('draw another measure below, with its own interval', () => {
    const { rects, whiskers } = draw([{ ...BAR, below: { value: 2, low: 1.5, high: 2.5, n: 10 } }]);
    expect(rects).toHaveLength(3);
    expect(whiskers).toHaveLength(2);
  });

  it('print every regime, also where nothing can be drawn', () => {
    const whole = { value: Number.NaN, low: null, high: null, n: 0 };
    const { group, rects, whiskers } = draw([{ ...BAR, parts: [], whole, values: '–' }]);
    expect(group.textContent).toContain('IDP');
    expect(group.textContent).toContain('–');
    expect(rects).toHaveLength(0);
    expect(whiskers).toHaveLength(0);
  });
});
