import { fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { DEFAULT_INSIDE_CHOICE } from '../../state/inside-choice.ts';
import type { DistanceEstimates, DistanceResults } from '../../state/inside-state.ts';
import { makeResultSet } from '../../testing/make-results.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { DistanceView } from './DistanceView.tsx';

const plain = (text: string | null | undefined) => (text ?? '').replaceAll('\u00a0', ' ');

/** A layer whose quantities all stand so far from dense. */
function makeLayer(cosine: number): DistanceEstimates {
  const around = (value: number) => ({ value, low: value - 0.01, high: value + 0.01 });
  const both = { cosine: around(cosine), relativeError: around(2 - 2 * cosine) };
  return { attention: both, residual: both, activations: both };
}

/** By how much a layer's quantities are apart from those of another regime. */
function makeDifference(cosine: number): DistanceEstimates {
  const around = (value: number, half: number) => ({ value, low: value - half, high: value + half });
  const both = { cosine: around(cosine, 0.01), relativeError: around(-2 * cosine, 0.02) };
  return { attention: both, residual: both, activations: both };
}

/** Two layers; regimes end as near to dense as said, the first of them without recovery. */
function makeResults(ends: readonly (readonly [RegimeKey, number])[], isEarly = false): DistanceResults {
  const [[, without] = ['compressed', 0]] = ends;
  const regimes = ends.map(([key, cosine]) => {
    const layers = [makeLayer(0.98), makeLayer(cosine)];
    const differences = [makeDifference(0), makeDifference(cosine - without)];
    const minusCompressed = key === 'compressed' ? null : { n: 20, subjects: 18, layers: differences, isEarly };
    return { key, n: 20, toDense: layers, toCompressed: layers, minusCompressed };
  });
  return { source: makeResultSet().source, n: 20, regimes };
}

const ALL = makeResults([
  ['compressed', 0.8],
  ['prompt', 0.6],
  ['idp', 0.805],
  ['lora-merged', 0.95],
]);

const choose = (change: Partial<typeof DEFAULT_INSIDE_CHOICE>) => ({
  choice: { ...DEFAULT_INSIDE_CHOICE, ...change },
  wanted: { ...DEFAULT_INSIDE_CHOICE, ...change },
});

/** happy-dom lays nothing out: every element is said to have a plot's size. */
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 600, 256));
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('the distance from dense', () => {
  it('says that the model must run first, and starts nothing before', () => {
    renderWithStores(<DistanceView />, makeStores({ engine: { engine: { status: 'off' } } }));
    expect(screen.getByText(/Needs the model on your device/)).toBeDefined();
    expect(screen.getByRole('button', { name: 'Compare on 40 questions' })).toHaveProperty('disabled', true);
    expect(screen.getByText('Nothing was compared yet.')).toBeDefined();
  });

  it('starts, counts and stops a run of so many questions', () => {
    const start = vi.fn();
    const stop = vi.fn();
    const stores = renderWithStores(<DistanceView />, makeStores({ insideDistance: { start, stop } }));
    fireEvent.click(screen.getByRole('radio', { name: '100' }));
    fireEvent.click(screen.getByRole('button', { name: 'Compare on 100 questions' }));
    expect(start).toHaveBeenCalledOnce();
    expect(stores.inside.getState().choice.items).toBe(100);
  });

  it('draws what is there while a run goes on', () => {
    const stop = vi.fn();
    const run = { status: 'running', done: 8, total: 40, nowKey: 'idp' } as const;
    renderWithStores(<DistanceView />, makeStores({ insideDistance: { run, stop, results: ALL } }));
    expect(screen.getByText('8 of 40 questions')).toBeDefined();
    expect(screen.getByRole('figure', { name: 'To the dense model' })).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(stop).toHaveBeenCalledOnce();
  });

  it('says why a run failed, and keeps what was measured before', () => {
    const error = { code: 'run-failed', message: 'The logits are not finite.', details: {} } as const;
    const insideDistance = { run: { status: 'failed', error }, results: ALL } as const;
    renderWithStores(<DistanceView />, makeStores({ insideDistance }));
    expect(screen.getByText('The logits are not finite.')).toBeDefined();
    expect(screen.getByRole('figure', { name: 'To the dense model' })).toBeDefined();
  });

  it('tells by the printed rule which repair goes back and which goes around', () => {
    renderWithStores(<DistanceView />, makeStores({ insideDistance: { results: ALL } }));
    const sentence =
      'LoRA-merged goes back to the dense path; Prompt goes around the dense path, ending farther from it than without repair; IDP is undecided.';
    expect(screen.getByText(sentence)).toBeDefined();
    expect(screen.getByText(/^Rule: at the last layer/)).toBeDefined();
    const differences = screen.getByText(/^Cosine similarity to dense at the last layer, minus/);
    expect(plain(differences.textContent)).toContain('Prompt −0.200 [−0.210, −0.190]; IDP +0.0050 [−0.0050, +0.015]');
    expect(plain(screen.getByText(/Differences are paired/).textContent)).toContain(
      'on the same 20 questions, 95 % intervals over 18 subjects, cluster bootstrap',
    );
  });

  it('tells no path before all questions that were set are asked', () => {
    const results = makeResults(
      [
        ['compressed', 0.8],
        ['lora-merged', 0.95],
      ],
      true,
    );
    renderWithStores(<DistanceView />, makeStores({ insideDistance: { results } }));
    expect(screen.getByText(/^Too early to tell of LoRA-merged: /)).toBeDefined();
    expect(screen.queryByText(/goes back to the dense path/)).toBeNull();
  });

  it('has the difference of every layer in the table', () => {
    renderWithStores(<DistanceView />, makeStores({ insideDistance: { results: ALL } }));
    fireEvent.click(screen.getByRole('radio', { name: 'Table' }));
    const row = plain(screen.getByRole('row', { name: /^Prompt 2 / }).textContent);
    expect(row).toContain('−0.200−0.210 to −0.1902020');
  });

  it('judges alike by the relative error, where less is nearer', () => {
    const stores = makeStores({ inside: choose({ measure: 'relativeError' }), insideDistance: { results: ALL } });
    renderWithStores(<DistanceView />, stores);
    expect(screen.getByText(/^LoRA-merged goes back to the dense path; Prompt goes around/)).toBeDefined();
  });

  it('holds no model against itself: the compressed one is not in the right plot', async () => {
    renderWithStores(<DistanceView />, makeStores({ insideDistance: { results: ALL } }));
    const readNames = async (plot: string) => {
      const buttons = await within(screen.getByRole('figure', { name: plot })).findAllByRole('button');
      return buttons.map((button) => plain(button.getAttribute('aria-label')));
    };
    const toDense = await readNames('To the dense model');
    expect(toDense).toHaveLength(8);
    expect(toDense).toContain('Compressed, Layer 2: 0.800, 95 % interval 0.790 to 0.810, 20 items');
    const toCompressed = await readNames('To the compressed model, without recovery');
    expect(toCompressed.filter((name) => name.startsWith('Compressed'))).toEqual([]);
    expect(toCompressed).toHaveLength(6);
  });

  it('says where removed neurons leave nothing to compare', () => {
    const gone = { ...makeLayer(0.8), activations: null };
    const regimes = ALL.regimes.map((regime) => ({
      ...regime,
      toDense: [gone, gone],
      toCompressed: [gone, gone],
      minusCompressed: regime.minusCompressed && { ...regime.minusCompressed, layers: [gone, gone] },
    }));
    const stores = makeStores({
      inside: choose({ quantity: 'activations' }),
      insideDistance: { results: { ...ALL, regimes } },
    });
    renderWithStores(<DistanceView />, stores);
    expect(screen.getByText(/cannot be compared with the dense model, since the recipe removed neurons/)).toBeDefined();
    expect(screen.getByText(/No layer could be compared/)).toBeDefined();
    expect(screen.getByText(/^Prompt, IDP and LoRA-merged cannot be compared here\.$/)).toBeDefined();
  });

  it('leaves no empty plot where one side alone can be compared', async () => {
    const gone = { ...makeLayer(0.8), activations: null };
    const regimes = ALL.regimes.map((regime) => ({ ...regime, toDense: [gone, gone] }));
    const stores = makeStores({
      inside: choose({ quantity: 'activations' }),
      insideDistance: { results: { ...ALL, regimes } },
    });
    renderWithStores(<DistanceView />, stores);
    expect(screen.getByText('To the dense model: no layer can be compared.')).toBeDefined();
    expect(screen.getByRole('figure', { name: 'To the compressed model, without recovery' })).toBeDefined();
  });

  it('says which repairs were trained for another recipe', () => {
    const inside = { transferred: ['idp', 'prefix'] as const };
    renderWithStores(<DistanceView />, makeStores({ inside, insideDistance: { results: ALL } }));
    expect(screen.getByText(/Recipe: .+\. Trained for another recipe than the one on the page: IDP\. /)).toBeDefined();
  });

  it('says of each regime how many questions it was asked', async () => {
    const regimes = ALL.regimes.map((regime) => (regime.key === 'idp' ? { ...regime, n: 9 } : regime));
    renderWithStores(<DistanceView />, makeStores({ insideDistance: { results: { ...ALL, regimes } } }));
    const plot = within(screen.getByRole('figure', { name: 'To the dense model' }));
    expect(await plot.findAllByRole('button', { name: /^IDP, Layer \d: .*, 9\sitems$/ })).toHaveLength(2);
    expect(plot.getAllByRole('button', { name: /^Prompt, Layer \d: .*, 20\sitems$/ })).toHaveLength(2);
  });

  it('leaves out what is no number, in the plot and in the sentence', async () => {
    const results = makeResults([
      ['compressed', 0.8],
      ['idp', Number.NaN],
    ]);
    renderWithStores(<DistanceView />, makeStores({ insideDistance: { results } }));
    expect(screen.getByText('IDP cannot be compared here.')).toBeDefined();
    const plot = screen.getByRole('figure', { name: 'To the dense model' });
    expect(await within(plot).findAllByRole('button')).toHaveLength(3);
    fireEvent.click(screen.getByRole('radio', { name: 'Table' }));
    expect(screen.queryByText(/NaN/)).toBeNull();
  });
});
