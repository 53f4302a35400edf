import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Recipe } from '../../core/compress/recipe.ts';
import { makeStores, POOL } from '../../testing/make-stores.ts';
import { openFolds } from '../../testing/open-folds.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { RecipePanel } from './RecipePanel.tsx';

const MIXED: Recipe = {
  version: 1,
  steps: [
    {
      method: 'rtn',
      bits: 4,
      groupSize: 32,
      symmetric: false,
      bitsPerMatrix: { 'model.layers.1.mlp.up_proj': 2 },
    },
  ],
};

describe('the recipe panel', () => {
  it('moves the sparsity as the slider moves', () => {
    const stores = renderWithStores(<RecipePanel />);
    fireEvent.change(screen.getByRole('slider', { name: 'Sparsity' }), { target: { value: '70' } });
    expect(stores.recipe.getState().recipe.steps[0]).toEqual({
      method: 'magnitude',
      sparsity: 0.7,
      granularity: 'per-output',
    });
  });

  it('says that repairs are transferred once the recipe is no longer a shipped one', () => {
    renderWithStores(<RecipePanel />);
    expect(screen.queryByText(/count as transferred/)).toBeNull();
    fireEvent.change(screen.getByRole('slider', { name: 'Sparsity' }), { target: { value: '71' } });
    expect(screen.getByText(/count as transferred/)).toBeDefined();
  });

  it('says so while a shipped recipe has no repairs of its own', () => {
    const stores = renderWithStores(<RecipePanel />);
    expect(screen.getByText(/No repair was trained/)).toBeDefined();
    const { pack } = stores.pack.getState();
    if (pack.status !== 'ready') throw new Error('the pack of this test is ready from the start');
    act(() => stores.pack.setState({ pack: { ...pack, manifest: { ...pack.manifest, repairs: [POOL] } } }));
    expect(screen.queryByText(/No repair was trained/)).toBeNull();
  });

  it('marks the shipped recipe on the page and how severe each one is', () => {
    renderWithStores(<RecipePanel />);
    expect(screen.getByRole('button', { name: 'Magnitude 60 % mild' }).getAttribute('aria-pressed')).toBe('true');
    expect(screen.getByRole('button', { name: 'RTN 2 bit severe' }).getAttribute('aria-pressed')).toBe('false');
  });

  it('lists the methods by what they do, and has no map of matrices where whole units go', () => {
    const stores = renderWithStores(<RecipePanel />);
    const methods = screen.getByRole('combobox', { name: 'Method' });
    const groups = [...methods.querySelectorAll('optgroup')].map(({ label, children }) => [label, children.length]);
    expect(groups).toEqual([
      ['Prune', 3],
      ['Quantize', 3],
      ['Remove whole units', 2],
    ]);
    expect(screen.queryByText(/matrices alike/)).not.toBeNull();
    fireEvent.change(methods, { target: { value: 'neurons' } });
    expect(screen.queryByText(/matrices alike/)).toBeNull();
    const layers = within(screen.getByRole('toolbar', { name: 'Layers that lose some' }));
    fireEvent.click(layers.getByRole('button', { name: '1' }));
    expect(stores.recipe.getState().recipe.steps[0]).toMatchObject({
      exclude: ['gate', 'up', 'down'].map((name) => `model.layers.1.mlp.${name}_proj`),
    });
    fireEvent.click(layers.getByRole('button', { name: '1' }));
    expect(stores.recipe.getState().recipe.steps[0]).not.toHaveProperty('exclude');
    fireEvent.change(screen.getByRole('slider', { name: 'Share that goes' }), { target: { value: '40' } });
    fireEvent.click(screen.getByRole('radio', { name: 'the model as a whole' }));
    expect(stores.recipe.getState().recipe.steps[0]).toMatchObject({ share: 0.4, allocation: 'global' });
  });

  it('changes the method to one with its own fields', () => {
    const stores = renderWithStores(<RecipePanel />);
    fireEvent.change(screen.getByRole('combobox', { name: 'Method' }), { target: { value: 'rtn' } });
    expect(stores.recipe.getState().recipe.steps[0]?.method).toBe('rtn');
    expect(screen.queryByRole('slider')).toBeNull();
    fireEvent.click(
      within(screen.getByRole('radiogroup', { name: 'Bits per weight' })).getByRole('radio', { name: '3' }),
    );
    expect(screen.getByText(/runs in a 4-bit container/)).toBeDefined();
  });

  it('shows bits per matrix and can drop them', () => {
    const stores = renderWithStores(<RecipePanel />, makeStores({ recipe: { recipe: MIXED } }));
    expect(screen.getByText('layer 1, up_proj: 2 bits')).toBeDefined();
    expect(screen.queryByText(/runs in a 4-bit container/)).toBeNull();
    const [step] = MIXED.steps;
    const bitsPerMatrix = { 'model.layers.1.mlp.up_proj': 3 };
    act(() => stores.recipe.setState({ recipe: { version: 1, steps: [{ ...step, bitsPerMatrix } as never] } }));
    expect(screen.getByText(/runs in a 4-bit container/)).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: 'Same bits everywhere' }));
    expect(stores.recipe.getState().recipe.steps[0]).toEqual({
      method: 'rtn',
      bits: 4,
      groupSize: 32,
      symmetric: false,
    });
  });

  it('adds a step that quantizes what was pruned, and takes it away again', () => {
    const stores = renderWithStores(<RecipePanel />);
    const methods = () => stores.recipe.getState().recipe.steps.map(({ method }) => method);
    fireEvent.click(screen.getByRole('button', { name: 'Then quantize' }));
    expect(methods()).toEqual(['magnitude', 'rtn']);
    expect(screen.getByRole('combobox', { name: 'Step 2' })).toHaveProperty('value', 'rtn');
    fireEvent.click(screen.getByRole('button', { name: 'Remove step 1' }));
    expect(methods()).toEqual(['rtn']);
  });

  it('leaves out a layer, gives a matrix its own sparsity, and takes both back', () => {
    const stores = renderWithStores(<RecipePanel />);
    const step = () => stores.recipe.getState().recipe.steps[0];
    openFolds();
    fireEvent.click(screen.getByRole('button', { name: 'Layer 1, all matrices' }));
    expect(step()?.exclude).toHaveLength(7);
    fireEvent.click(screen.getByRole('radio', { name: 'set sparsity' }));
    fireEvent.click(screen.getByRole('button', { name: 'Layer 0, up: as the step says' }));
    expect(step()).toMatchObject({ sparsityPerMatrix: { 'model.layers.0.mlp.up_proj': 0.25 } });
    fireEvent.click(screen.getByRole('button', { name: /^Layer 0, up: sparsity 25/ }));
    fireEvent.click(screen.getByRole('radio', { name: 'reset' }));
    fireEvent.click(screen.getByRole('button', { name: 'Layer 1, all matrices' }));
    expect(step()).toEqual({ method: 'magnitude', sparsity: 0.6, granularity: 'per-output' });
  });

  it('says which layer is being compressed, with a way to stop', () => {
    const stopped: string[] = [];
    const variant = { status: 'building', step: 'Layer 2 of 4, GPTQ' } as const;
    const applied: Recipe = { version: 1, steps: [{ method: 'magnitude', sparsity: 0.6, granularity: 'per-output' }] };
    const stores = makeStores({ recipe: { variant, applied, goBack: () => stopped.push('stop') } });
    renderWithStores(<RecipePanel />, stores);
    expect(screen.getByRole('progressbar', { name: 'Layer 2 of 4, GPTQ' })).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(stopped).toEqual(['stop']);
  });

  it('offers the recipe before where a variant failed, as long as the engine has it', () => {
    let backs = 0;
    const error = { code: 'golden-mismatch' as const, message: 'This device computes it wrongly.', details: {} };
    const variant = { status: 'failed', error } as const;
    const applied: Recipe = { version: 1, steps: [{ method: 'magnitude', sparsity: 0.6, granularity: 'per-output' }] };
    const show = (left: Recipe | null) =>
      renderWithStores(<RecipePanel />, makeStores({ recipe: { variant, applied: left, goBack: () => backs++ } }));
    show(applied);
    expect(screen.getByRole('alert').textContent).toContain('computes it wrongly');
    fireEvent.click(screen.getByRole('button', { name: 'Back to the recipe before' }));
    expect(backs).toBe(1);
    cleanup();
    show(null);
    expect(screen.queryByRole('button', { name: 'Back to the recipe before' })).toBeNull();
  });

  it('says whether sizes are recorded or of the running model', () => {
    renderWithStores(<RecipePanel />, makeStores({ recipe: { variant: { status: 'none' } } }));
    expect(screen.getByText('Compressed model, recorded')).toBeDefined();
  });

  it('shows what is wrong with a recipe', () => {
    const problem = { code: 'recipe-invalid' as const, message: 'Group size 64 does not divide 96.', details: {} };
    renderWithStores(<RecipePanel />, makeStores({ recipe: { problem } }));
    expect(screen.getByRole('alert').textContent).toContain('Group size 64 does not divide 96.');
  });
});
