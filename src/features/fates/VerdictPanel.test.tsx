import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { NOT_ASKED } from '../../state/outcome-set.ts';
import type { ResultSet } from '../../state/results.ts';
import { type ComparisonSetOptions, makeComparisonSet } from '../../testing/make-comparisons.ts';
import { makeFindings } from '../../testing/make-findings.ts';
import { makeOutcomeSet, type OutcomeSetOptions } from '../../testing/make-outcomes.ts';
import { makeResultSet } from '../../testing/make-results.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { makeTimeComparisons } from '../../testing/make-timings.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { VerdictPanel } from './VerdictPanel.tsx';

const toFindings = (options: OutcomeSetOptions = {}) =>
  makeFindings(makeOutcomeSet({ facts: 200, keys: ['idp', 'lora-merged'], ...options }).set, 'idp');

const plain = (element: Element | null) => (element?.textContent ?? '').replaceAll('\u00a0', ' ');

describe('the verdict', () => {
  it('is one sentence about the highlighted repair, with the rule that it follows from', async () => {
    // Of 100 lost facts LoRA brings back 20 unseen and 90 seen, IDP 60 and 70.
    const of = await toFindings({
      fateOf: (i, key, isShuffled) => {
        if (i % 2 === 0) return 'kept';
        const at = Math.floor(i / 2);
        if (isShuffled) return 'lost';
        const [displaced, back] = key === 'idp' ? [60, 70] : [20, 90];
        return at < displaced ? 'displaced' : at < back ? 'relearned' : 'lost';
      },
    });
    const stores = makeStores({ fates: { recorded: { status: 'ready', of } } });
    renderWithStores(<VerdictPanel />, stores);
    expect(screen.getByText(/^IDP brought back 60 of 100 lost facts it never saw \[.*\] and 70 it did/)).toBeDefined();
    expect(plain(screen.getByText('Rule:').parentElement)).toContain('less than half');
    fireEvent.click(screen.getByText('Rule:'));
    expect(screen.getAllByRole('listitem').filter((item) => item.dataset.holds === 'true')).toHaveLength(1);
    stores.board.getState().setHighlighted('lora-merged');
    expect(
      await screen.findByText(/^LoRA-merged brought back 20 of 100.*most of its gain is relearning\.$/),
    ).toBeDefined();
    const weighed = plain(screen.getByLabelText('What the rules weigh'));
    expect(weighed).toMatch(/Owed to having seen them, of those back when seen77\.8 % \[\d/);
    expect(weighed).toMatch(/Back when seen, of the lost facts90\.0 % \[\d.*shuffled answers0\.0 % \[0\.0, 3\.7\]/);
    expect(weighed).toMatch(/paired\+20\.0 points \[\d.*\], p < 0\.001/);
    expect(weighed).toMatch(/Displaced minus broken, of known facts\+10\.0 points \[\d/);
    const bars = screen.getByRole('figure', { name: 'What became of the lost facts' });
    expect(plain(bars)).toMatch(/LoRA-merged: displaced 20, 20\.0 % \[.*\]; relearned 70, .*; lost 10/);
    fireEvent.click(within(bars).getByRole('radio', { name: 'Table' }));
    const row = within(bars).getByRole('row', { name: /^LoRA-merged/ });
    expect(plain(row)).toMatch(
      /LoRA-merged0 \[0, \d\]100 \[86, 114\]20 \[\d+, \d+\]70 \[.*?\]10 \[.*?\]0 \[0, \d\]20\.0 %/,
    );
  });

  it('sets the claims of the paper beside figures of this model, each with its source', async () => {
    const of = await toFindings();
    renderWithStores(<VerdictPanel />, makeStores({ fates: { recorded: { status: 'ready', of } } }));
    const claims = plain(screen.getByRole('region', { name: 'The paper, and this model' }));
    expect(claims).toContain('IDP are as accurate as LoRA or better.Not asked for this recipe.');
    expect(claims).toContain('Paper: 21 times fewer extra parameters.No repairs were trained for this recipe.');
    expect(claims).toMatch(
      /60 % less inference latency\.First token: IDP 13\.0 ms .*LoRA-merged 14\.0 ms .*IDP 7 % less/,
    );
  });

  it('gives the difference of times in pairs where rounds were kept, and says so where they were not', async () => {
    const of = await toFindings();
    const claims = () => plain(screen.getByRole('region', { name: 'The paper, and this model' }));
    const show = (timeComparisons: ResultSet['timeComparisons']) => {
      const live = makeResultSet({ timeComparisons });
      renderWithStores(
        <VerdictPanel />,
        makeStores({ evaluate: { live }, fates: { recorded: { status: 'ready', of } } }),
      );
    };
    show(makeTimeComparisons({ compressed: 10, idp: 12, 'lora-merged': 10, 'lora-unmerged': 15 }));
    expect(claims()).toMatch(/LoRA-merged 14\.0 ms \[.*\], IDP \d+ % more \[\d+, \d+\], p after Holm < 0\.001/);
    expect(claims()).toMatch(/LoRA unmerged 19\.0 ms \[.*\], IDP \d+ % less \[\d+, \d+\], exploratory/);
    cleanup();
    show(null);
    expect(claims()).toMatch(/IDP 7 % less, unpaired/);
  });

  it('says where no repair stands for luck but the control subjects', async () => {
    const { set } = makeOutcomeSet({ facts: 200, keys: ['idp', 'lora-merged'] });
    const shown = () => plain(screen.getByRole('figure', { name: 'What became of the lost facts' }));
    const both = await makeFindings(set, 'idp');
    renderWithStores(<VerdictPanel />, makeStores({ fates: { recorded: { status: 'ready', of: both } } }));
    expect(shown()).toContain('LoRA beside such a LoRA');
    expect(shown()).toContain('displaced with shuffled answers');
    cleanup();
    const severe = { ...set, regimes: set.regimes.filter(({ isShuffled }) => !isShuffled) };
    const alone = await makeFindings(severe, 'idp');
    renderWithStores(<VerdictPanel />, makeStores({ fates: { recorded: { status: 'ready', of: alone } } }));
    expect(shown()).toContain('no repair was trained on shuffled answers: what control subjects give stands alone');
    expect(shown()).not.toContain('LoRA beside such a LoRA');
    expect(shown()).not.toContain('displaced with shuffled answers');
  });

  it('waits until every fact was asked', async () => {
    const { set } = makeOutcomeSet({ facts: 200, keys: ['idp'] });
    for (const { right } of set.regimes) right.fill(NOT_ASKED, 300, 600);
    const of = await makeFindings(set, 'idp');
    renderWithStores(<VerdictPanel />, makeStores({ fates: { live: { status: 'ready', of }, source: 'live' } }));
    expect(screen.getByText(/verdict waits until every fact was asked: 100 of 200 so far/)).toBeDefined();
  });

  it('waits too until the facts were asked of what it is held against', async () => {
    const { set } = makeOutcomeSet({ facts: 200, keys: ['prompt', 'lora-merged'] });
    for (const { right, isShuffled } of set.regimes) if (isShuffled) right.fill(NOT_ASKED, 594, 600);
    const of = await makeFindings(set, 'prompt');
    expect(of.findings.map(({ verdict }) => verdict)).toEqual([null, null]);
    const stores = makeStores({ fates: { live: { status: 'ready', of }, source: 'live' } });
    stores.board.getState().setHighlighted('lora-merged');
    renderWithStores(<VerdictPanel />, stores);
    expect(screen.getByText(/^The verdict on LoRA-merged waits/)).toBeDefined();
    expect(screen.queryByText('Rule:')).toBeNull();
  });

  it('says of the paper’s claim what the declared comparison says, and no more', async () => {
    const of = await toFindings();
    const claims = () => plain(screen.getByRole('region', { name: 'The paper, and this model' }));
    const show = (options: ComparisonSetOptions) => {
      const live = { status: 'ready', of: makeComparisonSet(options) } as const;
      const fates = { live: { status: 'ready', of }, source: 'live' } as const;
      renderWithStores(<VerdictPanel />, makeStores({ fates, comparisons: { live } }));
    };
    show({});
    expect(claims()).toMatch(
      /IDP minus LoRA-merged on facts that neither saw: −[\d.]+ points \[.*\], favours LoRA-merged\./,
    );
    expect(claims()).toMatch(/In brackets 95 % intervals over 100 subjects/);
    cleanup();
    show({ items: 60 });
    expect(claims()).toMatch(/IDP minus LoRA-merged .*, too early: 60 of the 200 items set beforehand/);
  });

  it('says so while answers are read, where none were recorded, and what is wrong with damaged ones', async () => {
    const load = vi.fn();
    renderWithStores(<VerdictPanel />, makeStores({ fates: { recorded: { status: 'loading' } } }));
    expect(screen.getByText(/^Reading/)).toBeDefined();
    cleanup();
    renderWithStores(<VerdictPanel />, makeStores({ fates: { recorded: { status: 'none' }, load } }));
    expect(screen.getByText(/No answers were recorded/)).toBeDefined();
    await waitFor(() => expect(load).toHaveBeenCalledTimes(1));
    cleanup();
    const error = { code: 'pack-invalid' as const, message: 'Damaged at "items".', details: {} };
    const failed = { status: 'failed', error } as const;
    renderWithStores(<VerdictPanel />, makeStores({ fates: { recorded: failed, load } }));
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(load.mock.calls.length).toBeGreaterThan(2);
  });
});
