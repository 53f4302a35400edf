import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { CAPITAL, FRANCE, makeFacts, makeStores } from '../../testing/make-stores.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { FactList } from './FactList.tsx';
import { FactsDialog } from './FactsDialog.tsx';
import { findFacts } from './find-facts.ts';

const RELATIONS = new Map([[CAPITAL.id, CAPITAL]]);

describe('the list of facts', () => {
  it('says how many there are before it is opened', () => {
    renderWithStores(<FactsDialog list={<FactList />} />);
    expect(screen.getByRole('button', { name: 'All 41 facts' })).toBeDefined();
  });

  it('says so when no fact has the words', () => {
    renderWithStores(<FactsDialog list={<FactList />} />);
    fireEvent.click(screen.getByRole('button', { name: 'All 41 facts' }));
    fireEvent.change(screen.getByRole('searchbox'), { target: { value: 'zzz' } });
    expect(screen.getByText(/No fact has these words.*ordinary sentences only/)).toBeDefined();
  });

  it('offers to read the facts again when that failed', () => {
    const error = { code: 'download-failed' as const, message: 'The facts could not be read: 404.', details: {} };
    renderWithStores(<FactsDialog list={<FactList />} />, makeStores({ pack: { facts: { status: 'failed', error } } }));
    fireEvent.click(screen.getByRole('button', { name: 'All facts' }));
    expect(screen.getByRole('button', { name: 'Try again' })).toBeDefined();
  });
});

describe('searching the facts', () => {
  const facts = [
    FRANCE,
    { ...FRANCE, id: 'capital/brazil', subject: 'Brazil', answer: 'Brasília' },
    { ...FRANCE, id: 'element_symbol/gold', relation: 'element_symbol', subject: 'gold', answer: 'Au' },
  ];

  it('finds every word in subject, answer or relation, whatever its case and accents', () => {
    expect(findFacts(facts, RELATIONS, 'brasilia', '')).toEqual([facts[1]]);
    expect(findFacts(facts, RELATIONS, 'CAPITAL fran', '')).toEqual([FRANCE]);
    expect(findFacts(facts, RELATIONS, 'france gold', '')).toEqual([]);
  });

  it('keeps to a relation', () => {
    expect(findFacts(facts, RELATIONS, '', 'element_symbol')).toEqual([facts[2]]);
  });

  it('returns everything for no words', () => {
    const many = makeFacts(2_800);
    expect(findFacts(many, RELATIONS, '  ', '')).toHaveLength(2_800);
  });
});
