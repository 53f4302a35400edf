import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import { METHODS } from '../../core/compress/methods.ts';
import { parseRecipe } from '../../core/compress/parse-recipe.ts';
import type { MethodId, RecipeStep } from '../../core/compress/recipe.ts';
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

/** The form of a step; gives back the step as it is by now. */
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
  return () => current;
}

afterEach(cleanup);

const slide = (name: string, value: number) =>
  fireEvent.change(screen.getByRole('slider', { name }), { target: { value: String(value) } });
const choose = (name: string) => fireEvent.click(screen.getByRole('radio', { name }));

describe.each(Object.keys(METHODS) as MethodId[])('the options of %s', (id) => {
  it('make recipes that are taken, whatever is chosen', () => {
    const step = renderForm(METHODS[id].defaultOptions);
    const isTaken = () => expect(parseRecipe({ version: 1, steps: [step()] }).steps).toEqual([step()]);
    const radios = screen.getAllByRole('radio').length;
    for (let i = 0; i < radios; i++) {
      const radio = screen.queryAllByRole('radio')[i];
      if (radio === undefined) continue;
      fireEvent.click(radio);
      isTaken();
    }
    for (const box of screen.queryAllByRole('checkbox')) {
      fireEvent.click(box);
      isTaken();
    }
    for (const slider of screen.queryAllByRole('slider')) {
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

it('matrices with a sparsity of their own are listed, and can be made like the rest', () => {
  const sparsityPerMatrix = { 'model.layers.1.mlp.up_proj': 0.25 };
  const step = renderForm({ method: 'magnitude', sparsity: 0.5, granularity: 'per-output', sparsityPerMatrix });
  expect(screen.getByText(/layer 1, up_proj: 25/)).toBeDefined();
  slide('Sparsity', 60);
  expect(step()).toMatchObject({ sparsity: 0.6, sparsityPerMatrix });
  fireEvent.click(screen.getByRole('button', { name: 'Same sparsity everywhere' }));
  expect(step()).toEqual({ method: 'magnitude', sparsity: 0.6, granularity: 'per-output' });
});
