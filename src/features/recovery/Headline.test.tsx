import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { makeComparisonSet } from '../../testing/make-comparisons.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { formatPoints } from '../../ui/format.ts';
import { Headline } from './Headline.tsx';

const accuracyOf = (stores: ReturnType<typeof makeStores>) => {
  renderWithStores(<Headline />, stores);
  return screen.getByText('Held-out accuracy').parentElement?.textContent ?? '';
};

it('gives what the recovery has over no repair in pairs, with its interval, once the pairs are counted', () => {
  const of = makeComparisonSet({ kind: 'recorded' });
  const isGain = ({ first, second }: (typeof of.declared)[number]) =>
    first.key === 'idp' && second.key === 'compressed';
  const gain = of.declared.find(isGain)?.difference;
  if (gain === undefined) throw new Error('IDP is compared with no repair');
  const text = accuracyOf(makeStores({ comparisons: { recorded: { status: 'ready', of } } }));
  expect(text).toContain(`${formatPoints(gain.value)} [`);
  expect(text).toContain('from it, paired');
});

it('says nothing of pairs before', () => {
  expect(accuracyOf(makeStores({ comparisons: { recorded: { status: 'loading' } } }))).not.toContain('paired');
});
