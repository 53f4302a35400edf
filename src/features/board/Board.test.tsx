import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { Column } from '../../state/board-state.ts';
import { makeSize } from '../../testing/make-results.ts';
import { makeColumn, makeResult, makeStores } from '../../testing/make-stores.ts';
import { openFolds } from '../../testing/open-folds.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { Board } from './Board.tsx';

function renderColumn(column: Column): HTMLElement {
  renderWithStores(<Board />, makeStores({ board: { columns: [column] } }));
  return screen.getByRole('article');
}

/** The column's text with plain spaces. */
function textOf(element: HTMLElement): string {
  return (element.textContent ?? '').replaceAll('\u00a0', ' ');
}

describe('the regime board', () => {
  it('has one named column per regime, in order, and says which one is highlighted', () => {
    renderWithStores(<Board />);
    const names = screen.getAllByRole('heading', { level: 3 }).map((heading) => heading.textContent?.trim());
    expect(names).toEqual(['Dense', 'Compressed', 'Prompt', 'IDP, highlighted', 'LoRA-merged']);
  });

  it('says right or wrong in words', () => {
    const right = renderColumn(makeColumn('dense', { cell: { status: 'done', result: makeResult('dense') } }));
    expect(within(right).getByText('right')).toBeDefined();
    expect(textOf(right)).toContain('87.4 %');
  });

  it('says wrong of a wrong answer and keeps both apart from the answer', () => {
    const result = makeResult('compressed', { text: ' Brussels', isRight: false, answerProbability: 0.00001 });
    const column = renderColumn(makeColumn('compressed', { cell: { status: 'done', result } }));
    expect(within(column).getByText('wrong')).toBeDefined();
    expect(within(column).queryByText('right')).toBeNull();
    expect(textOf(column)).toContain('< 0.1 %');
  });

  it('draws answers at a temperature, again with other random numbers, and goes back to greedy', () => {
    const stores = makeStores();
    renderWithStores(<Board />, stores);
    const sampling = () => stores.board.getState().sampling;
    openFolds();
    fireEvent.click(screen.getByRole('radio', { name: 'drawn by probability' }));
    expect(sampling()).toMatchObject({ temperature: 0.8, seed: 0 });
    fireEvent.click(screen.getByRole('button', { name: 'Draw again' }));
    expect(sampling()).toMatchObject({ temperature: 0.8, seed: 1 });
    expect(screen.getByText('Decoding (sampled, temperature 0.8, draw 2)')).toBeDefined();
    fireEvent.click(screen.getByRole('radio', { name: 'the most probable' }));
    expect(sampling().temperature).toBe(0);
  });

  it('gives no verdict where nobody knows the right answer', () => {
    const result = makeResult('dense', { isRight: null, answerProbability: null });
    const column = renderColumn(makeColumn('dense', { cell: { status: 'done', result } }));
    expect(within(column).queryByText(/^(right|wrong)$/)).toBeNull();
    expect(textOf(column)).not.toContain('P(right answer)');
  });

  it('shows markup in an answer as text', () => {
    const hostile = '<img src=x onerror=alert(1)><b>bold</b>';
    const column = renderColumn(
      makeColumn('dense', { cell: { status: 'done', result: makeResult('dense', { text: hostile }) } }),
    );
    expect(within(column).getByText(hostile)).toBeDefined();
    expect(column.querySelector('img')).toBeNull();
  });

  it('prints a dash for a speed that no time was measured for', () => {
    const result = makeResult('dense', { ttftMs: 0, tokensPerSecond: null });
    const column = renderColumn(makeColumn('dense', { cell: { status: 'done', result } }));
    const speed = within(column).getByText('Speed').parentElement;
    expect(speed?.textContent).toBe('Speed–');
    expect(textOf(column)).not.toMatch(/Infinity|NaN/);
  });

  it('shows a stream as it comes, busy until it ends', () => {
    const column = renderColumn(makeColumn('idp', { cell: { status: 'streaming', text: ' Par' } }));
    expect(column.getAttribute('aria-busy')).toBe('true');
    expect(within(column).getByText('Par')).toBeDefined();
  });

  it('names an empty answer instead of showing nothing', () => {
    const result = makeResult('compressed', { text: '', isRight: false });
    const column = renderColumn(makeColumn('compressed', { cell: { status: 'done', result } }));
    expect(within(column).getByText('(empty answer)')).toBeDefined();
  });

  it('shows which prompt attention chose, by how much, and what routing took', () => {
    const column = renderColumn(makeColumn('idp', { cell: { status: 'done', result: makeResult('idp') } }));
    expect(textOf(column)).toContain('Prompt 3 of 4 chosen by attention');
    expect(textOf(column)).toContain('0.0300 ahead of prompt 4; routing took 0.61 ms');
  });

  it('says of a repair whether it saw the fact, and where it was trained', () => {
    const seen = renderColumn(
      makeColumn('prompt', {
        exposure: 'seen',
        transferred: true,
        cell: { status: 'done', result: makeResult('prompt') },
      }),
    );
    expect(textOf(seen)).toContain('seen: repair was trained on this fact');
    expect(textOf(seen)).toContain('transferred: trained for Magnitude 60 %');
  });

  it('gives extra parameters with their ratio to the LoRA, and none for a merged one', () => {
    renderWithStores(
      <Board />,
      makeStores({
        board: {
          columns: [
            makeColumn('prompt', { size: makeSize({ extraParameters: 8192, repairParameters: 8192 }) }),
            makeColumn('lora-merged', { size: makeSize({ extraParameters: 0, repairParameters: 81_920 }) }),
          ],
        },
      }),
    );
    const [prompt, lora] = screen.getAllByRole('article');
    expect(prompt && textOf(prompt)).toContain("8,1920.10× LoRA r=8's");
    expect(lora && textOf(lora)).toContain('081,920 merged in');
  });

  it('keeps the partial answer beside an error and says what to do', () => {
    const error = { code: 'device-lost' as const, message: 'The GPU was lost. Ask again.', details: {} };
    const column = renderColumn(makeColumn('idp', { cell: { status: 'failed', text: 'Par', error } }));
    expect(within(column).getByText('Par')).toBeDefined();
    expect(within(column).getByRole('alert').textContent).toContain('The GPU was lost. Ask again.');
  });

  it('says why a regime cannot be asked', () => {
    const column = renderColumn(makeColumn('prefix', { unavailable: 'No prefix was trained for this recipe.' }));
    expect(within(column).getByText('No prefix was trained for this recipe.')).toBeDefined();
  });

  it('says how far its logits are from those of PyTorch and in how many contexts, and warns where that is too far', () => {
    const gate = { status: 'passed' as const, maxDifference: 2.1e-6, tolerance: 1e-3, agreeing: 3, contexts: 3 };
    renderWithStores(
      <Board />,
      makeStores({
        board: {
          columns: [
            makeColumn('idp', { gate }),
            makeColumn('prompt', { gate: { ...gate, status: 'failed', maxDifference: Number.NaN, contexts: 1 } }),
            makeColumn('lora-merged', { gate: { ...gate, status: 'no-golden', maxDifference: 0, contexts: 0 } }),
          ],
        },
      }),
    );
    const [passed, failed, unchecked] = screen.getAllByRole('article');
    expect(passed && textOf(passed)).toContain("Logits match PyTorch's within 2e-6 (limit 1e-3) in 3 contexts");
    expect(failed && textOf(failed)).toContain('(limit 1e-3) in 1 context; do not trust this column');
    expect(failed && textOf(failed)).not.toContain('NaN');
    expect(unchecked && textOf(unchecked)).toContain('No PyTorch logits to check this combination against');
  });

  it('keeps the places of its regimes before the pack is read', () => {
    renderWithStores(<Board />, makeStores({ board: { columns: [] }, engine: { engine: { status: 'off' } } }));
    expect(screen.getAllByText('Not running yet.')).toHaveLength(5);
  });

  it('shows recorded sizes, and says so, until the model gives its own', () => {
    const column = makeColumn('compressed', { size: null });
    renderWithStores(<Board />, makeStores({ board: { columns: [column] }, engine: { engine: { status: 'off' } } }));
    const recorded = screen.getByRole('article');
    expect(textOf(recorded)).toContain('Sizes as recorded');
    expect(textOf(recorded)).toContain('Stored1.12 MB');
    cleanup();
    const live = renderColumn(makeColumn('compressed', { size: makeSize({ storedBytes: 1_480_000 }) }));
    expect(textOf(live)).not.toContain('recorded');
    expect(textOf(live)).toContain('Stored1.48 MB');
  });

  it('shows no recorded size for a recipe that nobody recorded', () => {
    renderWithStores(
      <Board />,
      makeStores({ recipe: { presetId: null }, board: { columns: [makeColumn('compressed', { size: null })] } }),
    );
    expect(textOf(screen.getByRole('article'))).toContain('Stored–');
  });

  it('adds a regime that is ticked', () => {
    const setShown = vi.fn();
    renderWithStores(<Board />, makeStores({ board: { setShown } }));
    openFolds();
    fireEvent.click(screen.getByRole('checkbox', { name: /Prefix/ }));
    expect(setShown).toHaveBeenCalledWith('prefix', true);
  });
});
