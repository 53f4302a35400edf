import { act, fireEvent, screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError, toWireError } from '../../core/errors.ts';
import type { FatesState } from '../../state/fates-state.ts';
import { makeDosePoint, makeFindings } from '../../testing/make-findings.ts';
import { makeOutcomeSet, RIVER } from '../../testing/make-outcomes.ts';
import { makeColumn, makeResult, makeStores } from '../../testing/make-stores.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { FactsPanel } from './FactsPanel.tsx';

const { set, facts } = makeOutcomeSet();
const plain = (element: Element | null) => (element?.textContent ?? '').replaceAll('\u00a0', ' ');

async function openPanel(fates: Partial<FatesState> = {}) {
  const asked = vi.fn();
  const stores = makeStores({
    pack: { facts: { status: 'ready', facts, relations: new Map([[RIVER.id, RIVER]]) } },
    fates: { recorded: { status: 'ready', of: await makeFindings(set, 'prompt') }, key: 'prompt', ...fates },
    board: { ask: asked },
  });
  renderWithStores(<FactsPanel />, stores);
  return { stores, asked, map: await screen.findByRole('button', { name: /^Fact map/ }) };
}

beforeEach(() => {
  // Cells of 11 pixels, labels of 384: 37 in a row.
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 800, 300));
});

describe('the fact map', () => {
  it('counts the fates in its legend, and is told what is shown', async () => {
    await openPanel();
    for (const fate of ['never known', 'kept', 'displaced', 'relearned', 'lost', 'broken']) {
      expect(screen.getByRole('button', { name: `${fate} 10`, pressed: true })).toBeDefined();
    }
    fireEvent.click(screen.getByRole('button', { name: 'kept 10' }));
    expect(screen.getByRole('button', { name: 'kept 10', pressed: false })).toBeDefined();
  });

  it('speaks the fact that the arrow keys lead to, with what every regime made of it', async () => {
    const { map } = await openPanel();
    fireEvent.focus(map);
    fireEvent.keyDown(map, { key: 'ArrowRight' });
    fireEvent.keyDown(map, { key: 'ArrowRight' });
    const spoken = screen.getAllByRole('status').map(plain).join(' ');
    expect(spoken).toContain('City 2, River of a city: River 2. displaced. Dense 2 of 3 right, 90.0 %');
    expect(spoken).toContain('Compressed 0 of 3 right');
    expect(spoken).toContain('Prompt, never saw it 2 of 3 right');
    fireEvent.keyDown(map, { key: 'ArrowDown' });
    expect(screen.getByText('City 39')).toBeDefined();
  });

  it('keeps the fact that keys lead to in sight, and stays where it is under a pointer', async () => {
    const { map } = await openPanel();
    const scroll = vi.spyOn(HTMLElement.prototype, 'scrollIntoView').mockReturnValue(undefined);
    fireEvent.pointerMove(map, { clientX: 384 + 3 * 11 + 5, clientY: 5 });
    expect(scroll).not.toHaveBeenCalled();
    fireEvent.keyDown(map, { key: 'ArrowDown' });
    expect(scroll).toHaveBeenCalledOnce();
  });

  it('shows the fact under the pointer, and asks the one that is clicked on the board', async () => {
    const { map, stores, asked } = await openPanel();
    fireEvent.pointerMove(map, { clientX: 384 + 3 * 11 + 5, clientY: 5 });
    expect(screen.getByText('City 3')).toBeDefined();
    fireEvent.click(map, { clientX: 384 + 4 * 11 + 5, clientY: 5, detail: 1 });
    expect(stores.board.getState().question.fact?.id).toBe('river/4');
    expect(asked).toHaveBeenCalledTimes(1);
    expect(screen.getByText(/City 4: asked on the board/)).toBeDefined();
    fireEvent.click(map, { detail: 0 });
    expect(stores.board.getState().question.fact?.id).toBe('river/3');
  });

  it('shows the fact under a finger, which comes down without moving and then gives the focus', async () => {
    const { map } = await openPanel();
    fireEvent.pointerDown(map, { clientX: 384 + 3 * 11 + 5, clientY: 5 });
    fireEvent.focus(map);
    expect(screen.getByText('City 3')).toBeDefined();
  });

  it('shows what regimes answer here to the fact that is looked at', async () => {
    const answers = new Map([
      ['dense', { status: 'done', text: 'River 0', isRight: true, probability: 0.97 }],
      ['variant', { status: 'asking' }],
    ] as const);
    const { map } = await openPanel({ answers: { factId: 'river/0', key: 'prompt', answers } });
    fireEvent.focus(map);
    expect(plain(screen.getByRole('row', { name: /^Dense/ }))).toMatch(/River 0$/);
    expect(plain(screen.getByRole('row', { name: /^Compressed/ }))).toContain('asking');
  });

  it('shows every regime that was asked, the chosen repair before the others, and says whose words were not recorded', async () => {
    const { map } = await openPanel({ key: 'lora-merged' });
    fireEvent.pointerMove(map, { clientX: 384 + 3 * 11 + 5, clientY: 5 });
    const table = screen.getByRole('table', { name: 'What each regime made of it' });
    const [, ...rows] = within(table).getAllByRole('row');
    expect(rows.map((row) => plain(within(row).getByRole('rowheader')))).toEqual([
      'Dense',
      'Compressed',
      'LoRA-merged',
      'Prompt',
    ]);
    const cells = rows.map((row) => within(row).getAllByRole('cell').map(plain));
    // Fact 3 was lost to compression, and only the repair that saw it has it back; a question was right by chance.
    expect(cells[0]).toEqual(['3 of 3 right, 90.0 %River 3']);
    expect(cells[3]).toEqual(['1 of 3 right, 10.0 %River 3', '3 of 3 right, 90.0 %River 3']);
    fireEvent.pointerMove(map, { clientX: 384 + 4 * 11 + 5, clientY: 5 });
    const lost = within(screen.getByRole('row', { name: /^LoRA-merged/ })).getAllByRole('cell');
    expect(lost.map(plain)).toEqual(Array(2).fill('0 of 3 right, 10.0 %–words not recorded'));
  });

  it('has the words of the board where it asks the fact that is looked at, of the twin that answered there', async () => {
    const { map, stores } = await openPanel();
    const fact = facts[4] ?? null;
    const cell = (text: string, isRight: boolean) =>
      ({ status: 'done', result: makeResult('prompt', { text, isRight }) }) as const;
    act(() =>
      stores.board.setState(({ question }) => ({
        question: { ...question, fact },
        columns: [
          makeColumn('compressed', { exposure: null, cell: cell('River 40', false) }),
          makeColumn('prompt', { exposure: 'seen', cell: cell('River 41', false) }),
          makeColumn('lora-merged', { exposure: 'held-out', cell: cell('River 42', false), isStale: true }),
        ],
      })),
    );
    fireEvent.pointerMove(map, { clientX: 384 + 4 * 11 + 5, clientY: 5 });
    expect(plain(screen.getByRole('row', { name: /^Compressed/ }))).toContain('River 40');
    const [heldOut, seen] = within(screen.getByRole('row', { name: /^Prompt/ }))
      .getAllByRole('cell')
      .map(plain);
    expect(heldOut).toContain('words not recorded');
    expect(seen).toContain('River 41');
    expect(screen.queryByText('River 42')).toBeNull();
    expect(screen.getAllByRole('status').map(plain).join(' ')).toContain(
      'Prompt, saw it 0 of 3 right, 10.0 %, answers River 41',
    );
  });

  it('speaks what regimes answer here once the last of them has', async () => {
    const done = (text: string, isRight: boolean) =>
      ({ status: 'done', text, isRight, probability: isRight ? 0.97 : 0.2 }) as const;
    const [dense, variant] = [done('River 0', true), done('River 7', false)];
    const three = new Map([
      ['dense', dense],
      ['variant', variant],
      ['heldOut', dense],
    ] as const);
    const { map, stores } = await openPanel({ answers: { factId: 'river/0', key: 'prompt', answers: three } });
    fireEvent.focus(map);
    const spoken = () => screen.getAllByRole('status').map(plain).join(' ');
    expect(spoken()).not.toContain('On this device');
    const all = new Map([...three, ['seen', dense]] as const);
    act(() => stores.fates.setState({ answers: { factId: 'river/0', key: 'prompt', answers: all } }));
    expect(spoken()).toContain('On this device. Dense: River 0, 97.0 %, right. Compressed: River 7, 20.0 %, wrong.');
  });

  it('says how to read what each regime answers while the model does not run', async () => {
    const { map, stores } = await openPanel();
    fireEvent.focus(map);
    expect(screen.queryByText(/Run the model to read what each regime answers/)).toBeNull();
    act(() => stores.engine.setState({ engine: { status: 'off' } }));
    expect(screen.getByText(/Run the model to read what each regime answers/)).toBeDefined();
  });

  it('is coloured by the type of repair that is chosen, which is kept', async () => {
    const { stores } = await openPanel();
    fireEvent.click(screen.getByRole('radio', { name: 'LoRA-merged' }));
    expect(stores.fates.getState().key).toBe('lora-merged');
    expect(screen.getAllByText(/under LoRA-merged/).length).toBeGreaterThan(0);
  });

  it('has a table twin that lists only the facts in sight', async () => {
    await openPanel();
    const figure = screen.getByRole('figure', { name: 'Fact map' });
    fireEvent.click(within(figure).getByRole('radio', { name: 'Table' }));
    expect(within(figure).getByRole('table', { name: 'Facts and their fates' }).getAttribute('aria-rowcount')).toBe(
      '61',
    );
  });
});

describe('facts without a map', () => {
  const open = (recorded: FatesState['recorded']) => {
    const load = vi.fn();
    renderWithStores(<FactsPanel />, makeStores({ fates: { recorded, load } }));
    expect(screen.queryByRole('figure', { name: 'Fact map' })).toBeNull();
    return load;
  };

  it('say that they are read', () => {
    open({ status: 'loading' });
    expect(screen.getByText('Reading which questions every regime got right.')).toBeDefined();
  });

  it('say that a recipe has no recorded answers, and what to do', () => {
    open({ status: 'none' });
    expect(screen.getByText(/^No answers were recorded for this recipe/)).toBeDefined();
  });

  it('say why they could not be read, and are read again when that is asked for', () => {
    const load = open({ status: 'failed', error: toWireError(new AppError('pack-invalid', 'The file is damaged.')) });
    expect(screen.getByText(/The file is damaged/)).toBeDefined();
    load.mockClear();
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(load).toHaveBeenCalledOnce();
  });
});

describe('asking every fact here', () => {
  it('can wait and go on, and be stopped while it waits', async () => {
    const [start, pause, stop] = [vi.fn(), vi.fn(), vi.fn()];
    const run = { status: 'running', done: 40, total: 160, nowKey: 'idp' } as const;
    const { stores } = await openPanel({ start, pause, stop, run });
    fireEvent.click(screen.getByRole('button', { name: 'Pause' }));
    expect(pause).toHaveBeenCalledOnce();
    act(() => stores.fates.setState({ run: { status: 'paused', done: 40, total: 160 } }));
    fireEvent.click(screen.getByRole('button', { name: 'Resume' }));
    expect(start).toHaveBeenCalledOnce();
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(stop).toHaveBeenCalledOnce();
  });
});

describe('the dose', () => {
  it('names no number of recipes before it knows one', async () => {
    await openPanel({ dose: { status: 'computing', points: [], of: 0 } });
    const text = plain(screen.getByRole('figure', { name: /^Dose/ }));
    expect(text).toContain('Computing the first recipe.');
    expect(text).not.toContain('0 of 0');
  });

  it('draws the shares of every recipe against its damage, and lists them', async () => {
    const points = [await makeDosePoint(set)];
    await openPanel({ dose: { status: 'ready', points } });
    for (const name of [/^displaced/, /^relearned/, /^lost/]) {
      const plot = screen.getByRole('figure', { name });
      expect(await within(plot).findAllByRole('button', { name: /Magnitude 60 %: 33\.3.%/ })).toHaveLength(2);
    }
    const figure = screen.getByRole('figure', { name: /^Dose/ });
    await act(async () => fireEvent.click(within(figure).getByRole('radio', { name: 'Table' })));
    expect(plain(within(figure).getByRole('table'))).toContain('Prompt3033.3 %');
  });
});
