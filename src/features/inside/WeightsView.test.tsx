import { fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MatrixReport } from '../../core/inside/capture.ts';
import type { Looked } from '../../state/inside-state.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { WeightsView } from './WeightsView.tsx';

const plain = (text: string | null | undefined) => (text ?? '').replaceAll('\u00a0', ' ');

const MODULE = 'model.layers.0.self_attn.q_proj';

/** `rows` x `columns` weights of which every second one is removed, and a LoRA that fills all but the first. */
function makeReport(rows: number, columns: number): MatrixReport {
  const shape = [rows, columns] as const;
  const before = Float32Array.from({ length: rows * columns }, (_, i) => (i % 2 === 0 ? 0.5 : -1));
  const after = before.map((weight, i) => (i % 2 === 0 ? 0 : weight));
  const merged = after.map((weight, i) => (weight === 0 && i > 0 ? 0.1 : weight));
  return {
    module: MODULE,
    before: { shape, weight: before },
    after: { shape, weight: after },
    lora: { r: 2, merged, singularValues: Float32Array.of(3, 1) },
  };
}

const show = (matrix: Looked<MatrixReport>) =>
  renderWithStores(<WeightsView />, makeStores({ insideMatrix: { matrix } }));

const figure = (name: RegExp) => screen.getByRole('figure', { name });
const textOf = (name: RegExp) => plain(figure(name).textContent);
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

/** happy-dom lays nothing out: every element is said to have a plot's size. */
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 600, 256));
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('the weights of a matrix', () => {
  it('are read while the view is open only', () => {
    const leave = vi.fn();
    const watch = vi.fn(() => leave);
    const engine = { engine: { status: 'off' } } as const;
    renderWithStores(<WeightsView />, makeStores({ engine, insideMatrix: { watch } }));
    expect(watch).toHaveBeenCalledOnce();
    expect(screen.getByText('Weights are read once the model runs on your device.')).toBeDefined();
    expect(leave).not.toHaveBeenCalled();
  });

  it('show that they are read, and why they could not be', () => {
    show({ status: 'running', done: 0, total: 1 });
    expect(screen.getByRole('progressbar', { name: 'Reading the matrix' })).toBeDefined();
    const error = { code: 'input-invalid', message: 'The model has no such matrix.', details: {} } as const;
    show({ status: 'failed', error });
    expect(screen.getByText('The model has no such matrix.')).toBeDefined();
  });

  it('are those of the layer, the matrix and the regime that were chosen', () => {
    const stores = show({ status: 'ready', of: { ...makeReport(4, 4), lora: null } });
    fireEvent.click(screen.getByRole('radio', { name: '2' }));
    fireEvent.change(screen.getByRole('combobox', { name: 'Matrix' }), { target: { value: 'mlp.up_proj' } });
    fireEvent.change(screen.getByRole('combobox', { name: 'Weights of' }), { target: { value: 'compressed' } });
    expect(stores.inside.getState().choice).toMatchObject({
      module: 'model.layers.1.mlp.up_proj',
      matrixOf: 'compressed',
    });
  });

  it('are counted by value, the zeros apart and in words', async () => {
    show({ status: 'ready', of: makeReport(4, 4) });
    const weights = figure(/^Weights of Layer 1, q_proj/);
    expect(plain(weights.textContent)).toContain(
      'Dense: none of 16 weights is 0; Compressed: 8 of 16 weights are 0 (50.0 %); LoRA-merged: 1 of 16 weights are 0 (6.3 %).',
    );
    const bins = await within(weights).findAllByRole('button', { name: /: Dense / });
    expect(plain(bins[0]?.getAttribute('aria-label'))).toBe('−1 to −0.97: Dense 8, Compressed 8, LoRA-merged 8');
    expect(bins.filter((bin) => bin.tabIndex === 0)).toHaveLength(1);
    fireEvent.click(within(weights).getByRole('radio', { name: 'Table' }));
    expect(within(weights).getByRole('row', { name: 'exactly 0 0 8 1' })).toBeDefined();
  });

  it('say what a LoRA adds, how many zeros it fills and along which directions', () => {
    show({ status: 'ready', of: makeReport(4, 4) });
    const text = textOf(/^What LoRA-merged adds to Layer 1, q_proj/);
    expect(text).toContain('The change has a norm of 0.265, 9.4 % of the compressed matrix’s 2.83.');
    expect(text).toContain('It fills 7 zeros and leaves 1.');
    expect(text).toContain('σ13.000 90.0 %');
  });

  it('say that nothing is added where no LoRA changes the matrix', () => {
    show({ status: 'ready', of: { ...makeReport(4, 4), lora: null } });
    expect(screen.getByText(/LoRA-merged adds nothing to this matrix/)).toBeDefined();
    expect(textOf(/^Weights of/)).not.toContain('LoRA-merged: ');
  });

  it('are zoomed into from the whole matrix to single weights, and moved by buttons and keys', async () => {
    show({ status: 'ready', of: makeReport(128, 64) });
    const text = () => textOf(/^Sparsity pattern/);
    expect(text()).toContain('outputs 1 to 128 and inputs 1 to 64 of 128 and 64');
    expect(text()).toContain('50.0 % of what is in sight are zeros');
    press('Zoom in');
    expect(text()).toContain('outputs 33 to 96 and inputs 1 to 64');
    const picture = await screen.findByRole('button', { name: /^Sparsity pattern of Layer 1, q_proj, Compressed/ });
    fireEvent.keyDown(picture, { key: 'ArrowDown' });
    expect(text()).toContain('outputs 65 to 128 and inputs 1 to 64');
    press('Zoom in');
    press('Move left');
    expect(text()).toContain('outputs 81 to 112 and inputs 1 to 32');
    expect(await screen.findByRole('button', { name: /32 rows, 32 columns/ })).toBeDefined();
    expect(screen.getByRole('button', { name: 'Zoom in' })).toHaveProperty('disabled', true);
    press('Whole matrix');
    expect(text()).toContain('outputs 1 to 128 and inputs 1 to 64 of 128 and 64');
  });

  it('give every weight at the closest zoom in the table', () => {
    show({ status: 'ready', of: makeReport(2, 2) });
    const pattern = figure(/^Sparsity pattern/);
    fireEvent.click(within(pattern).getByRole('radio', { name: 'Table' }));
    expect(within(pattern).getByRole('row', { name: '1 0 −1.000' })).toBeDefined();
  });

  it('keep in the choice how tall bins are drawn, and of which stage the zeros are shown', async () => {
    const stores = show({ status: 'ready', of: makeReport(4, 4) });
    fireEvent.click(screen.getByRole('radio', { name: 'Log counts' }));
    fireEvent.click(screen.getByRole('radio', { name: 'LoRA-merged' }));
    expect(stores.inside.getState().choice).toMatchObject({ heights: 'log', matrixStage: 'merged' });
    expect(await screen.findByText('weights, log scale')).toBeDefined();
    expect(textOf(/^Sparsity pattern/)).toContain('LoRA-merged: outputs 1 to 4');
  });

  it('say what was removed with whole neurons', () => {
    const report = makeReport(4, 4);
    const after = { shape: [2, 4] as const, weight: report.after.weight.slice(0, 8) };
    show({ status: 'ready', of: { ...report, after, lora: null } });
    expect(textOf(/^Sparsity pattern/)).toContain(
      'The recipe removed whole rows or columns: 4 × 4 before, 2 × 4 after.',
    );
  });

  it('say which are no numbers, and print none of them', () => {
    const report = makeReport(4, 4);
    report.after.weight[1] = Number.NaN;
    show({ status: 'ready', of: report });
    expect(textOf(/^Weights of/)).toContain('Compressed: 8 of 16 weights are 0 (50.0 %), 1 are no numbers');
    expect(textOf(/^What LoRA-merged adds/)).toContain('The weights hold what is no number');
    expect(screen.queryByText(/NaN/)).toBeNull();
  });
});
