import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LazyPanel } from './LazyPanel.tsx';

function Panel() {
  return <p>the panel</p>;
}

/** Code that cannot be had for so many times. */
function failing(times: number) {
  let left = times;
  return vi.fn(async () => {
    if (left-- > 0) throw new TypeError('Failed to fetch dynamically imported module');
    return Panel;
  });
}

// React tells the console of every error that a boundary caught.
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test('code that could not be fetched is named, and fetched again when asked for', async () => {
  const load = failing(1);
  render(<LazyPanel name="Facts" load={load} />);
  expect(await screen.findByText(/The panel "Facts" could not be fetched \(are you offline\?\)/)).toBeDefined();
  fireEvent.click(screen.getByRole('button', { name: 'Draw it again' }));
  expect(await screen.findByText('the panel')).toBeDefined();
  expect(load).toHaveBeenCalledTimes(2);
});

test('a panel that lacked a connection comes by itself once it is back', async () => {
  render(<LazyPanel name="Facts" load={failing(1)} />);
  await screen.findByText(/could not be fetched/);
  await act(async () => {
    globalThis.dispatchEvent(new Event('online'));
  });
  expect(await screen.findByText('the panel')).toBeDefined();
});

test('a panel whose code fails only after the connection is back comes by itself', async () => {
  let fail = (_: Error): void => undefined;
  const first = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const load = vi.fn(() => (load.mock.calls.length === 1 ? first : Promise.resolve(Panel)));
  render(<LazyPanel name="Facts" load={load} />);
  await act(async () => {
    globalThis.dispatchEvent(new Event('online'));
    fail(new TypeError('Failed to fetch dynamically imported module'));
  });
  expect(await screen.findByText('the panel')).toBeDefined();
});

test('a panel that was fetched again by hand is not fetched once more when the connection is back', async () => {
  const load = failing(1);
  render(<LazyPanel name="Facts" load={load} />);
  fireEvent.click(await screen.findByRole('button', { name: 'Draw it again' }));
  await screen.findByText('the panel');
  await act(async () => {
    globalThis.dispatchEvent(new Event('online'));
  });
  expect(load).toHaveBeenCalledTimes(2);
});

test('a panel that comes back into view is not fetched again', async () => {
  const load = failing(0);
  const { unmount } = render(<LazyPanel name="Facts" load={load} />);
  await screen.findByText('the panel');
  unmount();
  render(<LazyPanel name="Facts" load={load} />);
  expect(screen.getByText('the panel')).toBeDefined();
  expect(load).toHaveBeenCalledTimes(1);
});
