import { fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { PairedTest } from '../../core/eval/comparisons.ts';
import { type Estimate, wilson } from '../../core/eval/statistics.ts';
import type { PoolOutcome } from '../../core/inside/capture.ts';
import type { Looked, PoolKey, PoolStudy } from '../../state/inside-state.ts';
import { makeResultSet } from '../../testing/make-results.ts';
import { makeColumn, makeResult, makeStores } from '../../testing/make-stores.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { RoutingView } from './RoutingView.tsx';

const plain = (text: string | null | undefined) => (text ?? '').replaceAll('\u00a0', ' ');

const OUTCOME: PoolOutcome = {
  id: 'question',
  scores: [0.11, 0.08, 0.19],
  chosen: 2,
  answers: [
    { text: ' Lyon', confidence: -0.9, isRight: false },
    { text: ' Paris', confidence: -0.02, isRight: true },
    { text: ' Paris', confidence: -0.4, isRight: true },
  ],
};

const over = (estimate: Estimate) => ({ ...estimate, method: 'cluster-bootstrap', items: 40, subjects: 36 }) as const;

const TESTED = { isExploratory: false, items: 40, subjects: 36, isEarly: false } as const;
const WORSE: PairedTest = {
  ...TESTED,
  difference: over({ value: -0.15, low: -0.25, high: -0.05 }),
  p: 0.004,
  adjustedP: 0.008,
  isDecided: true,
  sampleSize: null,
};
const ALIKE: PairedTest = {
  ...TESTED,
  difference: over({ value: 0.025, low: -0.05, high: 0.1 }),
  p: 0.6,
  adjustedP: 0.6,
  isDecided: false,
  sampleSize: { difference: 0.025, needed: 871, have: 40 },
};

const STUDY: PoolStudy = {
  source: makeResultSet().source,
  pool: 'idp',
  n: 40,
  presetItems: 40,
  availableItems: 400,
  numPrompts: 2,
  rules: [
    { id: 'attention', accuracy: over({ value: 0.7, low: 0.6, high: 0.8 }), againstAttention: null },
    { id: 'random', accuracy: over({ value: 0.55, low: 0.45, high: 0.65 }), againstAttention: WORSE },
    { id: 'most-confident', accuracy: over({ value: 0.725, low: 0.6, high: 0.85 }), againstAttention: ALIKE },
    { id: 'best-of-pool', accuracy: over({ value: 0.9, low: 0.8, high: 0.95 }), againstAttention: null },
  ],
  byDomain: [
    { domain: 'countries', counts: [3, 27] },
    { domain: 'films', counts: [10, 0] },
  ],
  byRelation: [
    {
      relation: 'capital',
      counts: [3, 27],
      rightCounts: [15, 24],
      rightShares: [over(wilson(15, 30)), over(wilson(24, 30))],
      n: 30,
    },
    {
      relation: 'director',
      counts: [10, 0],
      rightCounts: [0, 0],
      rightShares: [over(wilson(0, 10)), over(wilson(0, 10))],
      n: 10,
    },
  ],
};

const asked = (outcome: Looked<PoolOutcome>): ReadonlyMap<PoolKey, Looked<PoolOutcome>> => new Map([['idp', outcome]]);

/** A pool's figure as text. */
const pool = () => plain(screen.getByRole('figure', { name: 'IDP: trained to be routed' }).textContent);

describe('the routing of a pool', () => {
  it('says that a recipe without a pool routes nothing', () => {
    const offered = ['dense', 'compressed', 'lora-merged'] as const;
    renderWithStores(<RoutingView />, makeStores({ inside: { offered } }));
    expect(screen.getByText(/has no pool of prompts/)).toBeDefined();
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('says that the model must run first', () => {
    renderWithStores(<RoutingView />, makeStores({ engine: { engine: { status: 'off' } } }));
    expect(screen.getAllByText(/Needs the model on your device/)).toHaveLength(2);
    expect(screen.getByRole('button', { name: 'Ask every prompt' })).toHaveProperty('disabled', true);
  });

  it('shows the scores of the answer on the board before any prompt is asked', () => {
    const columns = [makeColumn('idp', { cell: { status: 'done', result: makeResult('idp') } })];
    renderWithStores(<RoutingView />, makeStores({ board: { columns } }));
    expect(pool()).toContain('Prompt 3 of 4 is chosen, 0.0300 (15.8 % of its score) ahead of prompt 4.');
    expect(pool()).not.toContain('confidence −');
  });

  it('shows no scores of an answer that was given to something else', () => {
    const columns = [makeColumn('idp', { isStale: true, cell: { status: 'done', result: makeResult('idp') } })];
    renderWithStores(<RoutingView />, makeStores({ board: { columns } }));
    expect(pool()).toContain('Not routed yet');
  });

  it('asks every prompt on demand, and shows what each says, how sure, and whether it is right', () => {
    const ask = vi.fn();
    const insideRouting = { ask, asked: asked({ status: 'ready', of: OUTCOME }) };
    renderWithStores(<RoutingView />, makeStores({ insideRouting }));
    fireEvent.click(screen.getByRole('button', { name: 'Ask every prompt' }));
    expect(ask).toHaveBeenCalledOnce();
    expect(pool()).toMatch(/Prompt 1.*0\.110.*runner-up.*wrong.*Lyon.*confidence −0\.90/);
    expect(pool()).toMatch(/Prompt 2.*right.*Paris.*confidence −0\.02, the surest/);
    expect(pool()).toMatch(/Prompt 3.*0\.190.*chosen/);
    const figure = screen.getByRole('figure', { name: 'IDP: trained to be routed' });
    fireEvent.click(within(figure).getByRole('radio', { name: 'Table' }));
    expect(within(figure).getByRole('row', { name: 'Prompt 2 0.0800 Paris right −0.02' })).toBeDefined();
  });

  it('has nothing to choose with one prompt', () => {
    const one: PoolOutcome = { ...OUTCOME, scores: [0.2], chosen: 0, answers: OUTCOME.answers.slice(0, 1) };
    renderWithStores(<RoutingView />, makeStores({ insideRouting: { asked: asked({ status: 'ready', of: one }) } }));
    expect(pool()).toContain('The pool has one prompt, so there is nothing to choose.');
    expect(pool()).not.toContain('the surest');
  });

  it('says that scores which are no numbers mean nothing', () => {
    const broken: PoolOutcome = { ...OUTCOME, scores: [Number.NaN, Number.NaN, Number.NaN], chosen: 0 };
    renderWithStores(<RoutingView />, makeStores({ insideRouting: { asked: asked({ status: 'ready', of: broken }) } }));
    expect(pool()).toContain('No prompt has a finite score, so the choice means nothing.');
    expect(pool()).not.toContain('NaN');
  });

  it('shows that prompts are asked, and why they could not be', () => {
    const stopAsking = vi.fn();
    const error = { code: 'run-failed', message: 'The device is lost.', details: {} } as const;
    const both: ReadonlyMap<PoolKey, Looked<PoolOutcome>> = new Map([
      ['idp', { status: 'running', done: 0, total: 1 }],
      ['idp-apart', { status: 'failed', error }],
    ]);
    const offered = ['dense', 'compressed', 'idp', 'idp-apart'] as const;
    renderWithStores(<RoutingView />, makeStores({ inside: { offered }, insideRouting: { asked: both, stopAsking } }));
    expect(screen.getByRole('progressbar', { name: 'Asking every prompt of IDP' })).toBeDefined();
    expect(screen.getByText('The device is lost.')).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(stopAsking).toHaveBeenCalledOnce();
  });

  it('starts a study of the pool that was chosen, and stops it', () => {
    const startStudy = vi.fn();
    const stop = vi.fn();
    const offered = ['dense', 'compressed', 'idp', 'idp-apart'] as const;
    renderWithStores(<RoutingView />, makeStores({ inside: { offered }, insideRouting: { startStudy, stop } }));
    fireEvent.click(screen.getByRole('radio', { name: 'IDP, apart' }));
    fireEvent.click(screen.getByRole('button', { name: 'Ask every prompt of IDP, apart 40 questions' }));
    expect(startStudy).toHaveBeenCalledOnce();
  });

  it('compares rules of choice, and says that best of pool knows the answer', () => {
    renderWithStores(<RoutingView />, makeStores({ insideRouting: { study: STUDY } }));
    const figure = screen.getByRole('figure', { name: 'Which rule chooses best: IDP' });
    const text = plain(figure.textContent);
    expect(text).toContain('Best of pool90.0 % [80.0, 95.0]not tested: it knows the answer');
    expect(text).toMatch(/Best of pool: .*it knows the answer, so it is a bound/);
    expect(text).toContain('40 questions');
  });

  it('tests every rule but the bound against most attention, and names the test and its family', () => {
    renderWithStores(<RoutingView />, makeStores({ insideRouting: { study: STUDY } }));
    const figure = screen.getByRole('figure', { name: 'Which rule chooses best: IDP' });
    const text = plain(figure.textContent);
    expect(text).toContain(
      '−15.0 points against most attention [−25.0, −5.0], p after Holm 0.008; decided: worse than most attention',
    );
    expect(text).toContain('undecided; you would need about 880 questions, more than the 400 there are');
    expect(text).toContain('Declared family: 2 comparisons');
    expect(text).toContain('not before the 40 questions');
    fireEvent.click(within(figure).getByRole('radio', { name: 'Table' }));
    const row = plain(within(figure).getByRole('row', { name: /^Random/ }).textContent);
    expect(row).toContain('−15.0 points−25.0 points to −5.0 points0.0040.008decided: worse than most attention4036');
    expect(plain(within(figure).getByRole('row', { name: /^Best of pool/ }).textContent)).toContain('not tested');
  });

  it('decides nothing before the number of questions that was set', () => {
    const test = { ...WORSE, isEarly: true, isDecided: false };
    const rules = STUDY.rules.map((rule) => (rule.id === 'random' ? { ...rule, againstAttention: test } : rule));
    const study = { ...STUDY, rules, presetItems: 100 };
    renderWithStores(<RoutingView />, makeStores({ insideRouting: { study } }));
    const figure = screen.getByRole('figure', { name: 'Which rule chooses best: IDP' });
    expect(plain(figure.textContent)).toContain('too early: 40 of the 100 questions set beforehand');
    expect(plain(figure.textContent)).not.toContain('decided: worse');
  });

  it('counts choices by domain and by relation, with how often each prompt is right beside them', () => {
    renderWithStores(<RoutingView />, makeStores({ insideRouting: { study: STUDY } }));
    const cells = screen.getAllByRole('button').map((button) => plain(button.getAttribute('aria-label')));
    expect(cells).toContain('countries, prompt 2: chosen for 27 of 30 questions, 90.0 %');
    expect(cells).toContain('Capital of a country, prompt 1: chosen for 3 of 30 questions, 10.0 %');
    expect(cells).toContain(
      'Capital of a country, prompt 1: right for 15 of 30 questions, 50.0 % [33.2, 66.8] over 36 subjects, cluster bootstrap',
    );
    // A relation that the pack does not name keeps its id.
    expect(cells).toContain('director, prompt 1: chosen for 10 of 10 questions, 100.0 %');
    const figure = screen.getByRole('figure', { name: 'Confusion: choice by relation' });
    fireEvent.click(within(figure).getByRole('radio', { name: 'Table' }));
    const row = plain(within(figure).getByRole('row', { name: /^Capital of a country/ }).textContent);
    expect(row).toBe('Capital of a country303271550.0 %33.2 % to 66.8 %2480.0 %62.7 % to 90.5 %');
  });
});
