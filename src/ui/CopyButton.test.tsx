import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CopyButton } from './CopyButton.tsx';

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe('the copy button', () => {
  it('puts the text on the clipboard and says so', async () => {
    const writeText = vi.fn(async () => undefined);
    vi.stubGlobal('navigator', { clipboard: { writeText } });
    render(<CopyButton label="Copy report" text={() => 'the report'} />);
    fireEvent.click(screen.getByRole('button'));
    expect(await screen.findByText('Copied to the clipboard')).toBeDefined();
    expect(writeText).toHaveBeenCalledWith('the report');
  });

  it('shows the text to copy by hand where the clipboard is refused', async () => {
    vi.stubGlobal('navigator', { clipboard: { writeText: () => Promise.reject(new Error('denied')) } });
    render(<CopyButton label="Copy report" text={() => 'the report'} />);
    fireEvent.click(screen.getByRole('button'));
    expect(await screen.findByDisplayValue('the report')).toBeDefined();
  });
});
