import { describe, expect, it } from 'vitest';
import { readAnsweredRepairs } from '../../testing/fates-fixture.ts';
import { displacedAboveNull, type FactOutcome, guessedShare, reportFates } from './fates.ts';
import { type Evidence, toVerdict, toVerdictSentence, VERDICT_RULES } from './verdict.ts';

/** Of 100 damaged facts, how many come back unseen and seen; of 100 spared ones, or as many as given, how many break. */
interface Counts {
  heldOut: number;
  seen: number;
  broken?: number;
  damaged?: number;
  spared?: number;
}

function makeOutcomes({ heldOut, seen, broken = 0, damaged = 100, spared: kept = 100 }: Counts): FactOutcome[] {
  const name = (i: number) => ({ factId: `f${i}`, subject: `s${i}` });
  const lost = Array.from({ length: damaged }, (_, i) => ({
    ...name(i),
    dense: true,
    variant: false,
    heldOut: i < heldOut,
    seen: i < seen,
  }));
  const spared = Array.from({ length: kept }, (_, i) => ({
    ...name(damaged + i),
    dense: true,
    variant: true,
    heldOut: i >= broken,
    seen: true,
  }));
  return [...lost, ...spared];
}

/** Control subjects of which `guessed` in 100 come back. */
function makeControl(guessed: number) {
  const control = Array.from({ length: 100 }, (_, i) => ({ subject: `c${i}`, variant: false, twins: [i < guessed] }));
  return guessedShare(control);
}

function makeEvidence(counts: Counts, { shuffled = 2, guessed = 3 } = {}): Evidence {
  const outcomes = makeOutcomes(counts);
  const nulls = makeOutcomes({ ...counts, heldOut: shuffled, seen: shuffled });
  const { seen: seenShuffled } = reportFates(nulls);
  return {
    report: reportFates(outcomes),
    aboveShuffled: displacedAboveNull(outcomes, nulls),
    seenShuffled,
    control: makeControl(guessed),
  };
}

const repairs = readAnsweredRepairs();

describe('toVerdict', () => {
  it('words the example of LoRA: 31 of 100 unseen and 98 seen is mostly relearning', () => {
    const verdict = toVerdict(makeEvidence({ heldOut: 31, seen: 98 }));
    expect(verdict).toMatchObject({ kind: 'mostly-relearning', damaged: 100, shortfalls: [] });
    expect(toVerdictSentence(verdict, 'LoRA r=8')).toBe(
      'LoRA r=8 brought back 31 of 100 lost facts it never saw [23, 41] and 98 it did: most of its gain is relearning.',
    );
  });

  it('is mostly redirection where nearly as many come back unseen', () => {
    const verdict = toVerdict(makeEvidence({ heldOut: 45, seen: 50 }));
    expect(verdict.kind).toBe('mostly-redirection');
    expect(toVerdictSentence(verdict, 'Prompt')).toBe(
      'Prompt brought back 45 of 100 lost facts it never saw [36, 55] and 50 it did: most of its gain is redirection.',
    );
  });

  it('leaves open which part is larger while the interval holds a half, however far the value is from it', () => {
    const verdict = toVerdict(makeEvidence({ heldOut: 26, seen: 50 }));
    expect(verdict.kind).toBe('displaced-above-null');
    expect(toVerdictSentence(verdict, 'IDP')).toContain('which part is larger is not shown');
  });

  it('shows nothing where shuffled answers bring back as much', () => {
    const verdict = toVerdict(makeEvidence({ heldOut: 20, seen: 25 }, { shuffled: 18 }));
    expect(verdict).toMatchObject({ kind: 'nothing-shown', shortfalls: ['shuffled'] });
    expect(toVerdictSentence(verdict, 'Prefix')).toMatch(
      / that it redirects anything is not shown, since shuffled answers may bring back as many\.$/,
    );
  });

  it('shows nothing where guessing on control subjects may bring back as much', () => {
    const verdict = toVerdict(makeEvidence({ heldOut: 20, seen: 25 }, { guessed: 14 }));
    expect(verdict).toMatchObject({ kind: 'nothing-shown', shortfalls: ['control'] });
    expect(toVerdictSentence(verdict, 'IDP')).toMatch(/, since guessing may bring back as many\.$/);
    expect(toVerdict(makeEvidence({ heldOut: 20, seen: 25 })).kind).toBe('mostly-redirection');
  });

  it('shows nothing where as many facts break as come back', () => {
    const verdict = toVerdict(makeEvidence({ heldOut: 20, seen: 25, broken: 19 }));
    expect(verdict).toMatchObject({ kind: 'nothing-shown', shortfalls: ['broken'] });
    expect(toVerdictSentence(verdict, 'IDP')).toMatch(/, since it broke 19 that compression had spared\.$/);
  });

  it('names every reason why nothing is shown', () => {
    const verdict = toVerdict(makeEvidence({ heldOut: 4, seen: 4, broken: 30 }, { shuffled: 5, guessed: 6 }));
    expect(toVerdictSentence(verdict, 'IDP')).toBe(
      'IDP brought back 4 of 100 lost facts it never saw [2, 10] and 4 it did: that it redirects anything is not shown, since shuffled answers and guessing may bring back as many, and it broke 30 that compression had spared.',
    );
  });

  it('can be relearning though nothing is shown to be displaced', () => {
    const verdict = toVerdict(makeEvidence({ heldOut: 2, seen: 90 }));
    expect(verdict).toMatchObject({ kind: 'mostly-relearning', shortfalls: ['shuffled', 'control', 'broken'] });
    expect(toVerdictSentence(verdict, 'LoRA')).toMatch(/: most of its gain is relearning\.$/);
  });

  it('says beside relearning how many facts were broken, where more may be than were brought back unseen', () => {
    const verdict = toVerdict(makeEvidence({ heldOut: 10, seen: 90, broken: 25 }));
    expect(toVerdictSentence(verdict, 'LoRA')).toMatch(
      /: most of its gain is relearning, and it broke 25 that compression had spared\.$/,
    );
  });

  it('is no relearning where luck gives as much as having seen the facts', () => {
    // Five of 100 come back seen and none unseen: all of that gain is owed to having seen them, yet shuffled answers or guessing give as much.
    const counts = { heldOut: 0, seen: 5 };
    expect(toVerdict(makeEvidence(counts, { shuffled: 4, guessed: 0 })).kind).toBe('nothing-shown');
    expect(toVerdict(makeEvidence(counts, { shuffled: 0, guessed: 4 })).kind).toBe('nothing-shown');
    expect(toVerdict(makeEvidence({ heldOut: 0, seen: 25 }, { shuffled: 4, guessed: 4 })).kind).toBe(
      'mostly-relearning',
    );
  });

  it('prints thousands as the page does', () => {
    const verdict = toVerdict(makeEvidence({ heldOut: 1100, seen: 1200, damaged: 2000, spared: 10 }));
    expect(toVerdictSentence(verdict, 'IDP')).toMatch(
      /^IDP brought back 1,100 of 2,000 lost facts .* and 1,200 it did/,
    );
  });

  it('says nothing of too few facts', () => {
    const verdict = toVerdict(makeEvidence({ heldOut: 20, seen: 29, damaged: 29 }));
    expect(verdict.kind).toBe('too-few');
    expect(toVerdictSentence(verdict, 'IDP')).toBe('Compression lost 29 facts, too few to tell what IDP brings back.');
    expect(toVerdict(makeEvidence({ heldOut: 20, seen: 29, damaged: 30 })).kind).not.toBe('too-few');
    expect(toVerdict(makeEvidence({ heldOut: 0, seen: 0, damaged: 0 }))).toMatchObject({
      kind: 'too-few',
      heldOut: null,
    });
  });

  it('says nothing where there is nothing to hold a repair against, and uses the one null at hand', () => {
    const evidence = makeEvidence({ heldOut: 45, seen: 50 });
    const none = toVerdict({ ...evidence, aboveShuffled: null, seenShuffled: null, control: null });
    expect(none.kind).toBe('no-null');
    expect(toVerdictSentence(none, 'IDP')).toContain('cannot be judged');
    expect(toVerdict({ ...evidence, aboveShuffled: null, seenShuffled: null }).kind).toBe('mostly-redirection');
    expect(toVerdict({ ...evidence, control: null }).kind).toBe('mostly-redirection');
  });

  it('prints a rule for every verdict that it can give', () => {
    const kinds = VERDICT_RULES.map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(kinds[4], 'named by its number in the rule before').toBe('displaced-above-null');
    expect(VERDICT_RULES.every(({ when }) => when.length > 0)).toBe(true);
    expect(VERDICT_RULES.at(-1)?.holds(makeEvidence({ heldOut: 0, seen: 0 }))).toBe(true);
  });

  // What the shipped answers come to; a plain repair, one that breaks as much as it mends, and one merged and compressed again.
  it.each([
    ['magnitude-mild', 'lora-r8', 'lora-r8-shuffled', 'mostly-redirection'],
    ['magnitude-mild', 'pool-apart', 'single-shuffled', 'nothing-shown'],
    ['magnitude-severe', 'lora-r8', null, 'displaced-above-null'],
    ['magnitude-severe', 'lora-r8, merged and re-compressed', null, 'mostly-relearning'],
  ])('judges %s under %s, held against %s, as %s', (recipeId, name, shuffled, kind) => {
    const find = (wanted: string) => repairs.find((each) => each.recipeId === recipeId && each.name === wanted);
    const options = { resamples: 400 };
    const outcomes = find(name)?.outcomes ?? [];
    const nulls = shuffled === null ? null : (find(shuffled)?.outcomes ?? []);
    const verdict = toVerdict({
      report: reportFates(outcomes, options),
      aboveShuffled: nulls && displacedAboveNull(outcomes, nulls, options),
      seenShuffled: nulls && reportFates(nulls, options).seen,
      control: guessedShare(find(name)?.control ?? [], options),
    });
    expect(verdict.kind).toBe(kind);
  });
});
