import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { StartStopButton } from './StartStopButton.tsx';

afterEach(cleanup);

describe('the start and stop button', () => {
  it('stays the same element when what it started runs and ends, so that it keeps the focus', () => {
    const props = { startLabel: 'Ask', onStart: () => undefined, onStop: () => undefined };
    const { rerender } = render(<StartStopButton {...props} isRunning={false} />);
    const button = screen.getByRole('button', { name: 'Ask' });
    button.focus();
    rerender(<StartStopButton {...props} isRunning />);
    expect(screen.getByRole('button', { name: 'Stop' })).toBe(button);
    rerender(<StartStopButton {...props} isRunning={false} />);
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Ask' }));
  });

  it('stops once, says so, and can stop the next run again', () => {
    const onStop = vi.fn();
    const props = { startLabel: 'Ask', onStart: () => undefined, onStop };
    const { rerender } = render(<StartStopButton {...props} isRunning />);
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    fireEvent.click(screen.getByRole('button', { name: 'Stopping' }));
    expect(onStop).toHaveBeenCalledOnce();
    rerender(<StartStopButton {...props} isRunning={false} />);
    rerender(<StartStopButton {...props} isRunning />);
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(onStop).toHaveBeenCalledTimes(2);
  });
});
