import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openFolds } from '../testing/open-folds.ts';
import { FoldWhenNarrow } from './FoldWhenNarrow.tsx';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

/** Says what the width query answers; nothing is laid out in these tests. */
function giveWidth(isNarrow: boolean): void {
  const query = Object.assign(new EventTarget(), { matches: isNarrow, media: '', onchange: null });
  vi.spyOn(window, 'matchMedia').mockReturnValue(query as unknown as MediaQueryList);
}

describe('what folds on a phone', () => {
  it('is closed behind its summary on a narrow page, and makes what it holds once it is opened', () => {
    giveWidth(true);
    render(<FoldWhenNarrow summary="Cost">the figures</FoldWhenNarrow>);
    expect(screen.getByText('Cost').closest('details')?.open).toBe(false);
    expect(screen.queryByText('the figures')).toBeNull();
    openFolds();
    expect(screen.getByText('the figures')).toBeDefined();
  });

  it('stands open without a summary on a wide one', () => {
    giveWidth(false);
    render(<FoldWhenNarrow summary="Cost">the figures</FoldWhenNarrow>);
    expect(screen.queryByText('Cost')).toBeNull();
    expect(document.querySelector('details')).toBeNull();
    expect(screen.getByText('the figures')).toBeDefined();
  });
});
