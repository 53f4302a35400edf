import { cleanup, fireEvent, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { chooseExamples } from '../../state/example-facts.ts';
import { FRANCE, makeFacts, makeStores } from '../../testing/make-stores.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { QuestionBox } from './QuestionBox.tsx';

const QUESTION = { text: 'What is the capital of France?', fact: FRANCE, form: 0, nearest: [] };

describe('the question box', () => {
  it('asks on Enter', () => {
    const ask = vi.fn();
    renderWithStores(<QuestionBox browse={null} />, makeStores({ board: { ask, question: QUESTION } }));
    const form = screen.getByRole('textbox').closest('form');
    if (form) fireEvent.submit(form);
    expect(ask).toHaveBeenCalledOnce();
  });

  it('asks nothing while the model is not running, or when nothing is typed', () => {
    const ask = vi.fn();
    renderWithStores(
      <QuestionBox browse={null} />,
      makeStores({ board: { ask, question: QUESTION }, engine: { engine: { status: 'off' } } }),
    );
    const form = screen.getByRole('textbox').closest('form');
    if (form) fireEvent.submit(form);
    expect(ask).not.toHaveBeenCalled();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Ask all regimes' }).disabled).toBe(true);
  });

  it('offers Stop while an answer runs', () => {
    const stop = vi.fn();
    renderWithStores(
      <QuestionBox browse={null} />,
      makeStores({ board: { isAsking: true, stop, question: QUESTION } }),
    );
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(stop).toHaveBeenCalledOnce();
  });

  it('says that free text is outside of the world and offers the nearest facts', () => {
    renderWithStores(<QuestionBox browse={null} />);
    fireEvent.change(screen.getByRole('textbox'), { target: { value: 'Who won the cup?' } });
    expect(screen.getByRole('status').textContent).toContain(
      'Not a question of this world: the model learned 41 facts and some ordinary sentences.',
    );
    fireEvent.click(screen.getByRole('button', { name: 'France, capital of a country' }));
    expect(screen.getByText('Paris')).toBeDefined();
    expect(screen.queryByText(/Not a question of this world/)).toBeNull();
  });

  it('asks an example at once when it is chosen', () => {
    const ask = vi.fn();
    renderWithStores(<QuestionBox browse={null} />, makeStores({ board: { ask } }));
    fireEvent.click(screen.getByRole('button', { name: 'What is the capital of France?' }));
    expect(ask).toHaveBeenCalledOnce();
  });

  it('says which repairs were trained on a fact, and that none was on a development fact', () => {
    renderWithStores(<QuestionBox browse={null} />, makeStores({ board: { question: QUESTION } }));
    expect(screen.getByText('fold A: one repair was trained on it, its twin never saw it')).toBeDefined();
    cleanup();
    const fact = { ...FRANCE, dev: true };
    renderWithStores(<QuestionBox browse={null} />, makeStores({ board: { question: { ...QUESTION, fact } } }));
    expect(screen.getByText(/fold A, development: no repair was trained on it/)).toBeDefined();
    expect(screen.queryByText(/its twin/)).toBeNull();
  });

  it('says of a control subject that a right answer is a guess', () => {
    const fact = { ...FRANCE, fold: 'control' as const };
    renderWithStores(<QuestionBox browse={null} />, makeStores({ board: { question: { ...QUESTION, fact } } }));
    expect(screen.getByText(/a right answer is a guess/)).toBeDefined();
  });
});

describe('the examples', () => {
  it('are facts that repairs were trained on or kept from, never controls', () => {
    const facts = makeFacts(3).map((fact) => ({ ...fact, fold: 'control' as const }));
    expect(chooseExamples(facts)).toEqual([]);
    expect(chooseExamples([...facts, FRANCE])).toEqual([FRANCE]);
  });
});
