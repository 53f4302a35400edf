import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PanelBoundary } from './PanelBoundary.tsx';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function Fragile({ panel }: { panel: { isBroken: boolean } }) {
  if (panel.isBroken) throw new Error('boom');
  return <p>drawn</p>;
}

describe('a panel that fails', () => {
  it('leaves the others alone, names itself and can be drawn again', () => {
    // React reports the caught error to the console, which would drown the test's own output.
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const panel = { isBroken: true };
    render(
      <>
        <PanelBoundary name="Recipe">
          <Fragile panel={panel} />
        </PanelBoundary>
        <PanelBoundary name="Board">
          <p>the board</p>
        </PanelBoundary>
      </>,
    );
    expect(screen.getByText('the board')).toBeDefined();
    expect(screen.getByRole('alert').textContent).toContain('The panel "Recipe" could not be drawn');
    panel.isBroken = false;
    fireEvent.click(screen.getByRole('button', { name: 'Draw it again' }));
    expect(screen.getByText('drawn')).toBeDefined();
  });
});
