import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import { METHODS } from '../../core/compress/methods.ts';
import { parseRecipe } from '../../core/compress/parse-recipe.ts';
import type { MethodId, RecipeStep } from '../../core/compress/recipe.ts';
import { toRecipeKey } from '../../core/compress/recipe-key.ts';
import { openFolds } from '../../testing/open-folds.ts';
import { OptionsForm } from './OptionsForm.tsx';

interface HolderProps {
  first: RecipeStep;
  onStep: (step: RecipeStep) => void;
}

/** Holds a step as the page does. */
function Holder({ first, onStep }: HolderProps) {
  const [step, setStep] = useState(first);
  onStep(step);
  return <OptionsForm step={step} onChange={setStep} />;
}

/** The form of a step, its folds open; gives back the step as it is by now. */
function renderForm(first: RecipeStep): () => RecipeStep {
  let current = first;
  render(
    <Holder
      first={first}
      onStep={(step) => {
        current = step;
      }}
    />,
  );
  openFolds();
  return () => current;
}

afterEach(cleanup);

const slide = (name: string, value: number) =>
  fireEvent.change(screen.getByRole('slider', { name }), { target: { value: String(value) } });
const chooseIn = (group: string, name: string) =>
  fireEvent.click(within(screen.getByRole('radiogroup', { name: group })).getByRole('radio', { name }));
const choose = (name: string) => fireEvent.click(screen.getByRole('radio', { name }));

describe.each(Object.keys(METHODS) as MethodId[])('the options of %s', (id) => {
  // Each of some 30 clicks draws the whole form anew, which a machine at work may take seconds for.
  it('make recipes that are taken, whatever is chosen', () => {
    const step = renderForm(METHODS[id].defaultOptions);
    const isTaken = () => expect(parseRecipe({ version: 1, steps: [step()] }).steps).toEqual([step()]);
    // Read anew for each click: a choice may take fields away or add some.
    const fields = (type: string) => [...document.querySelectorAll(`input[type=${type}]`)];
    const radios = fields('radio').length;
    expect(radios).toBeGreaterThan(1);
    for (let i = 0; i < radios; i++) {
      const radio = fields('radio')[i];
      if (radio === undefined) continue;
      fireEvent.click(radio);
      isTaken();
    }
    for (const box of fields('checkbox')) {
      fireEvent.click(box);
      isTaken();
    }
    for (const slider of fields('range')) {
      fireEvent.change(slider, { target: { value: slider.getAttribute('max') ?? '' } });
      isTaken();
    }
    expect(step()).not.toEqual(METHODS[id].defaultOptions);
  });
});

it.each(['magnitude', 'wanda', 'sparsegpt'] as const)('%s takes a pattern instead of a sparsity, and back', (id) => {
  const step = renderForm(METHODS[id].defaultOptions);
  choose('2:4');
  expect(step()).toMatchObject({ pattern: '2:4' });
  expect(screen.queryByRole('slider', { name: 'Sparsity' })).toBeNull();
  choose('any');
  expect(step()).toEqual(METHODS[id].defaultOptions);
});

it.each(['wanda', 'sparsegpt', 'gptq', 'awq', 'neurons', 'heads'] as const)(
  '%s says how many sentences it looks at',
  (id) => {
    const step = renderForm(METHODS[id].defaultOptions);
    slide('Calibration sentences', 128);
    slide('Seed of their draw', 3);
    expect(step()).toMatchObject({ calibration: { samples: 128, seed: 3 } });
  },
);

it.each(['sparsegpt', 'gptq'] as const)('%s is dampened', (id) => {
  const step = renderForm(METHODS[id].defaultOptions);
  slide('Dampening', 50);
  expect(step()).toMatchObject({ dampening: 0.05 });
});

it.each(['rtn', 'gptq', 'awq'] as const)('%s rounds embeddings where it is told to, and stores scales in F32', (id) => {
  const step = renderForm(METHODS[id].defaultOptions);
  chooseIn('Embeddings, in bits', '3');
  choose('F32');
  expect(step()).toEqual({ ...METHODS[id].defaultOptions, embeddings: 3, scaleDtype: 'F32' });
  expect(screen.getByText(/Stored with 3 bits, run in float32/)).toBeDefined();
  choose('full precision');
  choose('F16');
  expect(step()).not.toHaveProperty('embeddings');
  expect(toRecipeKey({ version: 1, steps: [step()] })).toBe(
    toRecipeKey({ version: 1, steps: [METHODS[id].defaultOptions] }),
  );
});

it('blocks of columns hold whole groups, and one that no form offers stands among the others', () => {
  const step = renderForm({ ...METHODS.gptq.defaultOptions, blockSize: 96 });
  const isChosen = () =>
    screen.getByRole('radiogroup', { name: 'Columns in a block' }).querySelector('[data-selected]');
  expect(isChosen()?.textContent).toBe('96');
  chooseIn('Inputs that share a scale', '64');
  expect(step()).toMatchObject({ groupSize: 64, blockSize: 128 });
  expect(isChosen()?.textContent).toBe('128');
  choose('256');
  expect(step()).toMatchObject({ blockSize: 256 });
});

it('matrices with a sparsity of their own are listed, and can be made like the rest', () => {
  const sparsityPerMatrix = { 'model.layers.1.mlp.up_proj': 0.25 };
  const step = renderForm({ method: 'magnitude', sparsity: 0.5, granularity: 'per-output', sparsityPerMatrix });
  expect(screen.getByText(/layer 1, up_proj: 25/)).toBeDefined();
  slide('Sparsity', 60);
  expect(step()).toMatchObject({ sparsity: 0.6, sparsityPerMatrix });
  fireEvent.click(screen.getByRole('button', { name: 'Same sparsity everywhere' }));
  expect(step()).toEqual({ method: 'magnitude', sparsity: 0.6, granularity: 'per-output' });
});
