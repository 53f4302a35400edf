import { act, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toStep } from '../../core/compress/levels.ts';
import type { Recipe } from '../../core/compress/recipe.ts';
import { makeEstimate } from '../../testing/make-results.ts';
import { MANIFEST, makeStores } from '../../testing/make-stores.ts';
import { makeCell, makePoint, makeSweepResults } from '../../testing/make-sweep.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { SweepPanel } from './SweepPanel.tsx';

const plain = (text: string | null | undefined) => (text ?? '').replaceAll('\u00a0', ' ');

const recorded = makeSweepResults('recorded');

const UP = 'model.layers.0.mlp.up_proj';
const ROUNDED = { method: 'rtn', groupSize: 32, symmetric: false } as const;

/** The group of a method's levels in the plan. */
const levels = (method: string) => screen.getByRole('toolbar', { name: new RegExp(`^${method} `) });

/** A method's plot with its points, which come once it is laid out. */
async function drawn(method: string): Promise<HTMLElement> {
  const plot = screen.getByRole('figure', { name: method });
  await within(plot).findAllByRole('button');
  return plot;
}

/** A pack that ships other recipes under these ids. */
function makeShipping(recipes: Readonly<Record<string, Recipe>>) {
  const shipped = MANIFEST.recipes.map((entry) => ({ ...entry, recipe: recipes[entry.id] ?? entry.recipe }));
  return {
    pack: { status: 'ready', manifest: { ...MANIFEST, recipes: shipped }, modelBytes: 1, totalBytes: 1 },
  } as const;
}

/** happy-dom lays nothing out: every element is said to have a plot's size. */
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 400, 256));
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('the sweep', () => {
  it('shows what was recorded at first sight, and says so in every figure', () => {
    renderWithStores(<SweepPanel />, makeStores({ engine: { engine: { status: 'off' } }, sweep: { recorded } }));
    expect(screen.getAllByText('recorded on CPU (wasm), 20 Nov 2026')).toHaveLength(3);
    expect(screen.queryByText(/^measured here/)).toBeNull();
  });

  it('replaces recorded points by live ones one by one, and tells the two apart', async () => {
    const live = makeSweepResults('live', {
      points: [makePoint('magnitude', 0.5, 'compressed', { accuracy: makeEstimate(0.25, 0.02, 50) })],
      sensitivity: null,
    });
    renderWithStores(<SweepPanel />, makeStores({ sweep: { recorded, live } }));
    const plot = await drawn('Magnitude');
    const names = within(plot)
      .getAllByRole('button')
      .map((button) => plain(button.getAttribute('aria-label')));
    expect(names.filter((name) => name.startsWith('Compressed, Magnitude 50 %'))).toEqual([
      expect.stringMatching(/: 25\.0 %, 95 % interval 23\.0 % to 27\.0 %, 50 items, .*, measured here$/),
    ]);
    expect(names.find((name) => name.startsWith('Compressed, Magnitude 60 %'))).toMatch(/, recorded$/);
    const figure = screen.getByRole('figure', { name: 'Damage by level' });
    expect(plain(figure.querySelector('p')?.textContent)).toMatch(/ recorded measured here$/);
    expect(within(figure).getByText('measured here on Test adapter (WebGPU), 21 Nov 2026')).toBeDefined();
    expect(within(figure).getByText('recorded on CPU (wasm), 20 Nov 2026')).toBeDefined();
  });

  it('draws one plot per method that has points, by the measure that was chosen', async () => {
    renderWithStores(<SweepPanel />, makeStores({ sweep: { recorded } }));
    expect(screen.getByRole('figure', { name: 'Magnitude' })).toBeDefined();
    expect(screen.getByRole('figure', { name: 'RTN' })).toBeDefined();
    expect(screen.queryByRole('figure', { name: 'Wanda' })).toBeNull();
    fireEvent.click(screen.getByRole('radio', { name: 'Perplexity' }));
    const plot = await drawn('RTN');
    expect(plain(within(plot).getByRole('button').getAttribute('aria-label'))).toMatch(/^Compressed, RTN 2 bit: 3,/);
  });

  it('draws the measures that a link asks for, and a link tells those that are drawn', () => {
    const stores = makeStores({ sweep: { recorded }, view: { sweepMeasure: 'klDivergence', cellMeasure: 'accuracy' } });
    renderWithStores(<SweepPanel />, stores);
    const measures = screen.getByRole('radiogroup', { name: 'Measure' });
    expect(within(measures).getByRole('radio', { name: 'KL divergence' })).toHaveProperty('checked', true);
    const map = screen.getByRole('radiogroup', { name: 'Measure of sensitivity' });
    expect(within(map).getByRole('radio', { name: 'Accuracy' })).toHaveProperty('checked', true);
    fireEvent.click(within(measures).getByRole('radio', { name: 'Same top-1' }));
    fireEvent.click(within(map).getByRole('radio', { name: 'KL divergence' }));
    expect(stores.view.getState()).toMatchObject({ sweepMeasure: 'sameTop', cellMeasure: 'klDivergence' });
  });

  it('reads out a point that the keyboard reaches, one stop of the Tab key per plot', async () => {
    renderWithStores(<SweepPanel />, makeStores({ sweep: { recorded } }));
    const buttons = within(await drawn('Magnitude')).getAllByRole('button');
    expect(buttons.filter((button) => button.tabIndex === 0)).toHaveLength(1);
    buttons[0]?.focus();
    fireEvent.keyDown(document.activeElement ?? document.body, { key: 'ArrowRight' });
    expect(document.activeElement?.getAttribute('aria-label')).toContain('Compressed, Magnitude 60 %');
  });

  it('counts what the plan means, and changes with its chips', () => {
    const setPlan = vi.fn();
    const plan = {
      withShipped: false,
      methods: [{ method: 'rtn', levels: [2, 3] } as const],
      regimes: ['idp'] as const,
      itemsPerRegime: 200,
    };
    renderWithStores(<SweepPanel />, makeStores({ sweep: { plan, setPlan } }));
    expect(screen.getByRole('button', { name: 'Run this sweep: 3 measurements' })).toBeDefined();
    fireEvent.click(within(levels('RTN')).getByRole('button', { name: /^3.bit$/ }));
    expect(setPlan).toHaveBeenLastCalledWith({ ...plan, methods: [{ method: 'rtn', levels: [2] }] });
    fireEvent.click(within(levels('Magnitude')).getByRole('button', { name: /^50.%$/ }));
    expect(setPlan).toHaveBeenLastCalledWith({
      ...plan,
      methods: [
        { method: 'magnitude', levels: [0.5] },
        { method: 'rtn', levels: [2, 3] },
      ],
    });
    fireEvent.click(screen.getByRole('button', { name: 'Compressed' }));
    expect(setPlan).toHaveBeenLastCalledWith({ ...plan, regimes: ['compressed', 'idp'] });
    fireEvent.click(screen.getByRole('checkbox', { name: 'All 2 of the pack, in their own options' }));
    expect(setPlan).toHaveBeenLastCalledWith({ ...plan, withShipped: true });
  });

  it('has the number of items of a link among those that can be chosen', () => {
    const setPlan = vi.fn();
    const plan = { withShipped: true, methods: [], regimes: ['idp'] as const, itemsPerRegime: 75 };
    renderWithStores(<SweepPanel />, makeStores({ sweep: { plan, setPlan } }));
    const counts = within(screen.getByRole('radiogroup', { name: 'Items per recipe and regime' }));
    expect(counts.getAllByRole('radio').map((radio) => radio.getAttribute('value'))).toEqual([
      '50',
      '75',
      '100',
      '200',
      '500',
    ]);
    expect(counts.getByRole('radio', { name: '75' })).toHaveProperty('checked', true);
    fireEvent.click(counts.getByRole('radio', { name: '100' }));
    expect(setPlan).toHaveBeenLastCalledWith({ ...plan, itemsPerRegime: 100 });
  });

  it('goes on where a run was stopped or the page reloaded, and says how much is left', () => {
    const start = vi.fn();
    const plan = {
      withShipped: false,
      methods: [{ method: 'rtn', levels: [2, 3] } as const],
      regimes: ['idp'] as const,
      itemsPerRegime: 200,
    };
    const stores = renderWithStores(<SweepPanel />, makeStores({ sweep: { plan, left: 1, start } }));
    fireEvent.click(screen.getByRole('button', { name: 'Go on with this sweep: 1 of 3 measurements left' }));
    expect(start).toHaveBeenCalledOnce();
    act(() => stores.sweep.setState({ left: 0 }));
    const done = screen.getByRole('button', { name: 'All of this sweep was measured here' });
    expect(done.hasAttribute('disabled')).toBe(true);
  });

  it('has one stop of the Tab key for the levels of a method, and arrow keys from one to the next', () => {
    renderWithStores(<SweepPanel />, makeStores());
    const [first, second] = within(levels('GPTQ')).getAllByRole('button');
    first?.focus();
    fireEvent.keyDown(first ?? document.body, { key: 'ArrowRight' });
    expect(document.activeElement).toBe(second);
    // What the browser does next is to leave from the last one.
    fireEvent.keyDown(second ?? document.body, { key: 'Tab' });
    expect(document.activeElement).toBe(within(levels('GPTQ')).getAllByRole('button').at(-1));
  });

  it('counts shipped recipes in, those once that a level stands for too', () => {
    const plan = {
      withShipped: true,
      methods: [{ method: 'magnitude', levels: [0.5, 0.6] } as const],
      regimes: ['idp'] as const,
      itemsPerRegime: 200,
    };
    renderWithStores(<SweepPanel />, makeStores({ sweep: { plan } }));
    expect(screen.getByRole('button', { name: 'Run this sweep: 4 measurements' })).toBeDefined();
  });

  it('marks what the pack ships in plots and tables', async () => {
    const GROUPS_OF_16: Recipe = { version: 1, steps: [{ ...ROUNDED, bits: 2, groupSize: 16 }] };
    const MIXED: Recipe = { version: 1, steps: [{ ...ROUNDED, bits: 4, bitsPerMatrix: { [UP]: 2 } }] };
    const stores = makeStores({
      pack: makeShipping({ 'rtn-severe': GROUPS_OF_16, 'magnitude-mild': MIXED }),
      sweep: {
        recorded: makeSweepResults('recorded', {
          points: [
            makePoint('rtn', 3, 'compressed'),
            makePoint('rtn', 2, 'compressed'),
            makePoint('rtn', 2, 'compressed', {
              recipe: GROUPS_OF_16,
              label: 'RTN, 2 bits, groups of 16',
              storedBytes: 1.5e6,
            }),
            makePoint('rtn', 4, 'compressed', { recipe: MIXED, label: 'RTN, 4 bits, 2 in one' }),
          ],
        }),
      },
    });
    renderWithStores(<SweepPanel />, stores);
    const plot = await drawn('RTN');
    const names = within(plot)
      .getAllByRole('button')
      .map((button) => plain(button.getAttribute('aria-label')));
    expect(names.map((name) => name.split(':')[0])).toEqual([
      'Compressed, RTN, 4 bits, 2 in one',
      'Compressed, RTN 3 bit',
      'Compressed, RTN, 2 bits, groups of 16',
      'Compressed, RTN 2 bit',
    ]);
    expect(names.map((name) => name.includes('shipped recipe'))).toEqual([true, false, true, false]);
    // A column for mixed bits, and a line through what differs in its level alone.
    expect([...plot.querySelectorAll('text')].map(({ textContent }) => textContent)).toEqual(
      expect.arrayContaining(['4/2', '3', '2']),
    );
    const lines = [...plot.querySelectorAll('polyline')].map((line) => line.getAttribute('points')?.split(' ').length);
    expect(lines[0]).toBe(2);
    expect(screen.getAllByText(/^recipe of the pack/)).toHaveLength(2);
    fireEvent.click(within(screen.getByRole('figure', { name: 'Pareto front' })).getByRole('radio', { name: 'Table' }));
    const row = screen.getByRole('row', { name: /groups of 16/ });
    expect(within(row).getAllByRole('cell')[0]?.textContent).toBe('yes');
  });

  it('cannot be run before the model is there, nor without a level', () => {
    renderWithStores(<SweepPanel />, makeStores({ engine: { engine: { status: 'off' } } }));
    expect(screen.getByRole('button', { name: /^Run this sweep/ }).hasAttribute('disabled')).toBe(true);
    expect(screen.getAllByText(/run it live first/)).toHaveLength(2);
  });

  it('says what is measured right now, and stops', () => {
    const stop = vi.fn();
    renderWithStores(
      <SweepPanel />,
      makeStores({
        sweep: { run: { status: 'running', done: 12, total: 160, nowKey: 'idp' }, now: 'Wanda 50 %, IDP', stop },
      }),
    );
    expect(screen.getByText('Wanda 50 %, IDP')).toBeDefined();
    expect(screen.getByText(/^12 of 160/)).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(stop).toHaveBeenCalledOnce();
  });

  it('says what was kept after Stop, what failed and what was left out', () => {
    const error = { code: 'limit-exceeded', message: 'The device has no memory left.', details: {} } as const;
    renderWithStores(
      <SweepPanel />,
      makeStores({
        sweep: { run: { status: 'stopped', done: 12, total: 160 }, leftOut: [{ label: 'GPTQ 3 bit', error }] },
      }),
    );
    expect(screen.getByText(/^Stopped after 12 of 160/)).toBeDefined();
    expect(screen.getByText('GPTQ 3 bit: The device has no memory left.')).toBeDefined();
  });

  it('invites to run where nothing was swept', () => {
    renderWithStores(<SweepPanel />, makeStores());
    expect(screen.getByText(/^Nothing was swept yet/)).toBeDefined();
    expect(screen.getByText('No matrix was compressed alone yet.')).toBeDefined();
  });
});

describe('the sensitivity map', () => {
  it('prints every value in its cell, the whole layer behind the matrices, shaded by the harm of single ones', () => {
    renderWithStores(<SweepPanel />, makeStores({ sweep: { recorded } }));
    const map = within(screen.getByRole('figure', { name: 'Sensitivity, layer by matrix' })).getByRole('table');
    expect(
      within(map)
        .getAllByRole('columnheader')
        .map(({ textContent }) => textContent),
    ).toEqual(['up_proj', 'whole layer']);
    const cells = within(map)
      .getAllByRole('cell')
      .filter(({ textContent }) => textContent !== '');
    expect(cells.map(({ textContent, dataset }) => [textContent, dataset.step])).toEqual([
      ['0.10', '5'],
      ['0.40', '5'],
      ['0.0020', '0'],
      ['0.30', '5'],
    ]);
  });

  it('has one column where whole units go, shaded by the harm of layers', () => {
    const recipe: Recipe = { version: 1, steps: [toStep('neurons', 0.5)] };
    const cells = [makeCell(0, 'all', 0), makeCell(1, 'all', 0.4)];
    const results = makeSweepResults('recorded', { sensitivity: { recipe, label: 'Neurons 50 %', cells } });
    renderWithStores(<SweepPanel />, makeStores({ sweep: { recorded: results } }));
    const figure = screen.getByRole('figure', { name: 'Sensitivity, layer by matrix' });
    const shown = within(figure)
      .getAllByRole('cell')
      .filter(({ textContent }) => textContent !== '');
    expect(shown.map(({ textContent, dataset }) => [textContent, dataset.step])).toEqual([
      ['0.00', '0'],
      ['0.40', '5'],
    ]);
    expect(plain(figure.textContent)).toContain('Neurons 50 %, on one layer, the rest dense');
  });

  it('has an interval for every cell, and arrow keys go from one to the next', () => {
    renderWithStores(<SweepPanel />, makeStores({ sweep: { recorded } }));
    const first = screen.getByRole('button', { name: /^Layer 0, up_proj/ });
    expect(plain(first.getAttribute('aria-label'))).toBe(
      'Layer 0, up_proj: 0.10 nat, 95 % interval 0.090 nat to 0.11 nat, 200 items',
    );
    first.focus();
    fireEvent.keyDown(first, { key: 'ArrowDown' });
    expect(document.activeElement?.getAttribute('aria-label')).toMatch(/^Layer 1, up_proj/);
  });
});
