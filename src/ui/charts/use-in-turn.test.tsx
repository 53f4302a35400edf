import { act, cleanup, render, screen, waitFor } from '@testing-library/react';
import { Profiler } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import { useInTurn } from './use-in-turn.ts';

function Value({ name, of }: { name: string; of: string }) {
  return <output aria-label={name}>{useInTurn(of)}</output>;
}

function Both({ of, onDrawn = () => undefined }: { of: string; onDrawn?: (texts: string) => void }) {
  const toTexts = () => screen.queryAllByRole('status').map((element) => element.textContent);
  return (
    <Profiler id="both" onRender={() => queueMicrotask(() => onDrawn(toTexts().join(' ')))}>
      <Value name="one" of={of} />
      <Value name="two" of={of} />
    </Profiler>
  );
}

afterEach(cleanup);

const textOf = (name: string) => screen.getByRole('status', { name }).textContent;

describe('values that are drawn in turn', () => {
  it('are drawn at once the first time', () => {
    render(<Both of="a" />);
    expect([textOf('one'), textOf('two')]).toEqual(['a', 'a']);
  });

  it('change one after the other, never in one drawing', async () => {
    const drawn: string[] = [];
    const onDrawn = (texts: string) => void drawn.push(texts);
    const { rerender } = render(<Both of="a" onDrawn={onDrawn} />);
    rerender(<Both of="b" onDrawn={onDrawn} />);
    expect([textOf('one'), textOf('two')]).toEqual(['a', 'a']);
    await waitFor(() => expect(textOf('two')).toBe('b'));
    expect(drawn).toContain('b a');
  });

  it('skip what was replaced before its turn, and end with the last one', async () => {
    const drawn: string[] = [];
    const onDrawn = (texts: string) => void drawn.push(texts);
    const { rerender } = render(<Both of="a" onDrawn={onDrawn} />);
    rerender(<Both of="b" onDrawn={onDrawn} />);
    rerender(<Both of="c" onDrawn={onDrawn} />);
    await waitFor(() => expect([textOf('one'), textOf('two')]).toEqual(['c', 'c']));
    expect(drawn.join(' ')).not.toContain('b');
  });

  it('do not wait for one that left the page in its turn', async () => {
    const { rerender } = render(<Both of="a" />);
    rerender(<Both of="b" />);
    rerender(<Value name="two" of="c" />);
    await act(async () => undefined);
    rerender(<Value name="two" of="d" />);
    await waitFor(() => expect(textOf('two')).toBe('d'));
  });
});
