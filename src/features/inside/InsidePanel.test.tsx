import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Capture } from '../../core/inside/capture.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { DEFAULT_INSIDE_CHOICE } from '../../state/inside-choice.ts';
import type { Looked } from '../../state/inside-state.ts';
import { makeCapture } from '../../testing/make-captures.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { InsidePanel } from './InsidePanel.tsx';

const plain = (text: string | null | undefined) => (text ?? '').replaceAll('\u00a0', ' ');

const CONTEXT = 'What is the capital of France?';

function capture(key: RegimeKey, context = CONTEXT): Capture {
  const recovery = key === 'idp' ? ({ kind: 'idp', repairId: 'pool' } as const) : ({ kind: 'none' } as const);
  return makeCapture({ regime: { id: key, recipe: null, recovery }, context, answer: 'Paris' });
}

const ready = <T,>(of: T): Looked<T> => ({ status: 'ready', of });

/** Dense and IDP, looked into. */
const captures = (context?: string) =>
  new Map((['dense', 'idp'] as const).map((key) => [key, ready(capture(key, context))] as const));

const choose = (view: typeof DEFAULT_INSIDE_CHOICE.view) => ({
  choice: { ...DEFAULT_INSIDE_CHOICE, view },
  wanted: { ...DEFAULT_INSIDE_CHOICE, view },
});

const failed = {
  status: 'failed',
  error: { code: 'run-failed', message: 'The run came to nothing.', details: {} },
} as const;

/** The names of the three maps, which come once they are laid out. */
async function drawnMaps(): Promise<readonly string[]> {
  const maps = await waitFor(() => {
    const found = screen.getAllByRole('button', { name: /Arrow keys go from cell to cell/ });
    expect(found).toHaveLength(3);
    return found;
  });
  return maps.map((map) => plain(map.getAttribute('aria-label')));
}

/** happy-dom lays nothing out: every element is said to have a map's size. */
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 900, 256));
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('the inside tab', () => {
  it('looks into nothing unless it is open', () => {
    const leave = vi.fn();
    const watch = vi.fn(() => leave);
    const stores = makeStores({ inside: { watch } });
    expect(watch).not.toHaveBeenCalled();
    renderWithStores(<InsidePanel />, stores);
    expect(watch).toHaveBeenCalledOnce();
    expect(leave).not.toHaveBeenCalled();
  });

  it('offers to run the model where none runs', () => {
    const runLive = vi.fn();
    renderWithStores(<InsidePanel />, makeStores({ engine: { engine: { status: 'off' }, runLive } }));
    fireEvent.click(screen.getByRole('button', { name: 'Run live on your GPU' }));
    expect(runLive).toHaveBeenCalledExactlyOnceWith('auto');
  });

  it('asks for a question, and takes an example', () => {
    const setFact = vi.fn();
    renderWithStores(<InsidePanel />, makeStores({ inside: { question: null }, board: { setFact } }));
    expect(screen.getByText(/^No question to look at yet/)).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: CONTEXT }));
    expect(setFact).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ id: 'capital/france' }));
  });

  it('names the question and its answer, and says where none is known', () => {
    const stores = renderWithStores(<InsidePanel />);
    expect(screen.getByText('Paris')).toBeDefined();
    act(() => stores.inside.setState({ question: { text: 'Why?', context: 'Why?', answer: null } }));
    expect(screen.getByText('Why?')).toBeDefined();
    expect(screen.getByText(/^not known/)).toBeDefined();
  });

  it('says that patching ends another run, and calls no run of its own another', () => {
    const stores = renderWithStores(
      <InsidePanel />,
      makeStores({ inside: { ...choose('patching'), waitsFor: 'run' } }),
    );
    expect(screen.getByText('Another run has the engine; patching ends it.')).toBeDefined();
    act(() => stores.insidePatch.setState({ patch: { status: 'running', done: 0, total: 4 } }));
    expect(screen.queryByText(/Another run has the engine/)).toBeNull();
  });

  it.each(['attention', 'distance', 'lens', 'routing', 'patching'] as const)(
    'offers no files of an empty view: %s',
    async (view) => {
      renderWithStores(<InsidePanel />, makeStores({ inside: choose(view) }));
      for (const button of await screen.findAllByRole('button', { name: /^Export/ })) {
        expect(button).toHaveProperty('disabled', true);
      }
    },
  );

  it('changes between six views', () => {
    const stores = renderWithStores(<InsidePanel />);
    const views = within(screen.getByRole('radiogroup', { name: 'View' })).getAllByRole('radio');
    expect(views).toHaveLength(6);
    fireEvent.click(screen.getByRole('radio', { name: 'Patching' }));
    expect(stores.inside.getState().choice.view).toBe('patching');
    expect(screen.getByRole('button', { name: 'Patch every place' })).toBeDefined();
  });

  it('says what it waits for, and which regime stands in place of one that the recipe does not offer', () => {
    const wanted = { ...DEFAULT_INSIDE_CHOICE, right: 'prefix' } as const;
    renderWithStores(<InsidePanel />, makeStores({ inside: { waitsFor: 'variant', wanted } }));
    expect(screen.getByText(/^The recipe is being built/)).toBeDefined();
    expect(screen.getByText(/shown is IDP in place of Prefix/)).toBeDefined();
  });
});

describe('attention', () => {
  it('draws two regimes on one scale and their difference, the prompt apart', async () => {
    renderWithStores(<InsidePanel />, makeStores({ inside: { captures: captures() } }));
    const [left, right, difference] = await drawnMaps();
    expect(left).toMatch(/^Attention of Dense: 8 rows, 8 columns/);
    expect(right).toMatch(/^Attention of IDP: 8 rows, 12 columns/);
    expect(difference).toMatch(/^Difference of attention, IDP minus Dense: 8 rows, 8 columns/);
    const mass = screen.getByRole('figure', { name: 'Attention that goes to the prompt, by layer' });
    expect(plain(mass.textContent)).toContain('Dense has none');
    expect(await within(mass).findAllByRole('button', { name: /^IDP, layer \d: \d+\.\d\s%$/ })).toHaveLength(3);
  });

  it('reads the same pair of tokens out of all three maps, where they have it', async () => {
    renderWithStores(<InsidePanel />, makeStores({ inside: { captures: captures() } }));
    await drawnMaps();
    const [left, right] = screen.getAllByRole('button', { name: /Arrow keys go from cell to cell/ });
    fireEvent.focus(left ?? document.body);
    expect(screen.getAllByText(/^from <s>, to <s> \(question\): /, { selector: '[aria-hidden]' })).toHaveLength(3);
    fireEvent.keyDown(right ?? document.body, { key: 'Home' });
    expect(screen.getAllByText(/^from <s>, to 1 \(virtual\): /, { selector: '[aria-hidden]' })).toHaveLength(1);
  });

  it('has every figure of a token in its table', async () => {
    renderWithStores(<InsidePanel />, makeStores({ inside: { captures: captures() } }));
    const figure = screen.getByRole('figure', { name: 'Attention, layer 1, mean over heads' });
    fireEvent.click(within(figure).getByRole('radio', { name: 'Table' }));
    const rows = within(within(figure).getByRole('table')).getAllByRole('row');
    expect(rows).toHaveLength(1 + 12);
    const first = within(rows[1] ?? figure).getAllByRole('cell');
    expect(first.map(({ textContent }) => plain(textContent))).toEqual([
      'question',
      expect.stringMatching(/^\d+\.\d %$/),
      expect.stringMatching(/^\d+\.\d %$/),
      expect.stringMatching(/^[+−]\d+\.\d points$/),
    ]);
  });

  it.each([
    ['one token', 'France', 3],
    ['sixty tokens', Array.from({ length: 60 }, (_, i) => `word${i}`).join(' '), 62],
  ])('stands with %s', async (_, context, rows) => {
    renderWithStores(<InsidePanel />, makeStores({ inside: { captures: captures(context) } }));
    expect((await drawnMaps()).map((map) => Number(/(\d+) rows/.exec(map)?.[1]))).toEqual([rows, rows, rows]);
  });

  it('says of values that are no numbers that they are not there', async () => {
    const dense = capture('dense');
    const attention = dense.attention?.map((layer) => ({ ...layer, data: layer.data.map(() => Number.NaN) })) ?? null;
    const map = new Map([['dense' as const, ready({ ...dense, attention })]]);
    renderWithStores(<InsidePanel />, makeStores({ inside: { captures: map } }));
    fireEvent.focus(await screen.findByRole('button', { name: /Arrow keys/ }));
    expect(screen.getAllByText(/: not there$/).length).toBeGreaterThan(0);
  });

  it('says which regime is being looked into, and why one could not be', () => {
    const map = new Map<RegimeKey, Looked<Capture>>([
      ['dense', { status: 'running', done: 0, total: 1 }],
      ['idp', failed],
    ]);
    renderWithStores(<InsidePanel />, makeStores({ inside: { captures: map } }));
    expect(screen.getByRole('progressbar', { name: 'Looking into Dense' })).toBeDefined();
    expect(screen.getByText('IDP could not be looked into')).toBeDefined();
    expect(screen.getByText('The run came to nothing.')).toBeDefined();
    expect(screen.getByText('Nothing was looked into yet.', { selector: 'figure:first-of-type p' })).toBeDefined();
  });

  it('says so where a layer does not have the head', () => {
    const inside = { captures: captures(), choice: { ...DEFAULT_INSIDE_CHOICE, head: 7 } };
    renderWithStores(<InsidePanel />, makeStores({ inside }));
    expect(screen.getAllByText(/^This layer has no head 8 here/)).toHaveLength(2);
    expect(screen.getByText('A difference needs both maps.')).toBeDefined();
  });

  it('says why single heads have no difference where some were removed', () => {
    const idp = capture('idp');
    const attention = idp.attention?.map(({ data }) => ({ numHeads: 1, data: data.slice(0, data.length / 2) })) ?? null;
    const found = new Map([
      ['dense' as const, ready(capture('dense'))],
      ['idp' as const, ready({ ...idp, attention })],
    ]);
    const inside = { captures: found, choice: { ...DEFAULT_INSIDE_CHOICE, head: 0 } };
    renderWithStores(<InsidePanel />, makeStores({ inside }));
    expect(screen.getByText(/numbered anew, so heads of one number are not the same head/)).toBeDefined();
  });

  it('does not paint rounding as a difference', async () => {
    const dense = capture('dense');
    const attention =
      dense.attention?.map((layer) => ({ ...layer, data: layer.data.map((x) => x * (1 + 1e-6)) })) ?? null;
    const found = new Map([
      ['dense' as const, ready(dense)],
      ['idp' as const, ready({ ...dense, attention })],
    ]);
    renderWithStores(<InsidePanel />, makeStores({ inside: { captures: found } }));
    await drawnMaps();
    expect(screen.getByText(/^\+0\.1\spoints$/)).toBeDefined();
  });

  it('keeps the heads to choose from while the next question is looked into', () => {
    const stores = renderWithStores(<InsidePanel />, makeStores({ inside: { captures: captures() } }));
    const heads = () => within(screen.getByRole('radiogroup', { name: 'Head' })).getAllByRole('radio');
    const before = heads().length;
    expect(before).toBeGreaterThan(1);
    act(() => stores.inside.setState({ captures: new Map() }));
    expect(heads()).toHaveLength(before);
  });

  it('says which of the two was trained for another recipe, and which on this fact', () => {
    const inside = { captures: captures(), transferred: ['idp', 'prefix'] as const, seen: ['idp'] as const };
    renderWithStores(<InsidePanel />, makeStores({ inside }));
    expect(screen.getAllByText(/Trained on this very fact: IDP\. /)).toHaveLength(2);
    expect(screen.getAllByText(/“What is the capital of France\?”, right answer “Paris”\./)).toHaveLength(2);
    expect(screen.getAllByText(/Trained for another recipe than the one on the page: IDP\. /)).toHaveLength(2);
  });
});

describe('the answer by layer', () => {
  it('draws a line per regime, with a sentence, its rule and the likeliest tokens', async () => {
    renderWithStores(<InsidePanel />, makeStores({ inside: { ...choose('lens'), captures: captures() } }));
    const figure = screen.getByRole('figure', { name: 'The right answer, layer by layer' });
    expect(await within(figure).findAllByRole('button', { name: /^(Dense|IDP), after / })).toHaveLength(8);
    expect(within(figure).getByText(/^Rule: a regime has the answer/)).toBeDefined();
    expect(within(figure).getByRole('table', { name: 'Likeliest next token after each layer' })).toBeDefined();
  });

  it('follows no answer where none is known', () => {
    const question = { text: 'Why?', context: 'Why?', answer: null };
    renderWithStores(<InsidePanel />, makeStores({ inside: { ...choose('lens'), question, captures: captures() } }));
    expect(screen.getByText(/^No right answer is known to this question/)).toBeDefined();
  });
});
