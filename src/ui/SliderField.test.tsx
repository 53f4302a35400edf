import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, expect, it } from 'vitest';
import { SliderField } from './SliderField.tsx';

afterEach(cleanup);

/** A slider from 0 to 95 in steps of 1, as the page holds it. */
function Holder({ first }: { first: number }) {
  const [value, setValue] = useState(first);
  return (
    <SliderField
      label="Sparsity"
      value={value}
      min={0}
      max={95}
      step={1}
      valueText={`${value} %`}
      onChange={setValue}
    />
  );
}

it('is read aloud as it is printed, also after it was moved', () => {
  render(<Holder first={46} />);
  const slider = screen.getByRole('slider', { name: 'Sparsity' });
  expect(slider.getAttribute('aria-valuetext')).toBe('46 %');
  fireEvent.change(slider, { target: { value: '60' } });
  expect(screen.getByText('60 %')).toBeDefined();
  expect(slider.getAttribute('aria-valuetext')).toBe('60 %');
});

it('stands at a value that it does not offer, and gives it up once it is moved', () => {
  render(<Holder first={99} />);
  const slider = screen.getByRole<HTMLInputElement>('slider', { name: 'Sparsity' });
  expect([slider.value, slider.getAttribute('aria-valuetext')]).toEqual(['99', '99 %']);
  fireEvent.change(slider, { target: { value: '60' } });
  expect([slider.value, slider.max]).toEqual(['60', '95']);
});
