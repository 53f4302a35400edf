import { describe, expect, it } from 'vitest';
import { readAnsweredRepairs } from '../../testing/fates-fixture.ts';
import { displacedAboveNull, type FactOutcome, guessedShare, reportFates } from './fates.ts';
import { type Evidence, toVerdict, toVerdictSentence, VERDICT_RULES } from './verdict.ts';

/** Of 100 damaged facts, how many come back unseen and seen; of 100 spared ones, how many break. */
interface Counts {
  heldOut: number;
  seen: number;
  broken?: number;
  damaged?: number;
}

function makeOutcomes({ heldOut, seen, broken = 0, damaged = 100 }: Counts): FactOutcome[] {
  const name = (i: number) => ({ factId: `f${i}`, subject: `s${i}` });
  const lost = Array.from({ length: damaged }, (_, i) => ({
    ...name(i),
    dense: true,
    variant: false,
    heldOut: i < heldOut,
    seen: i < seen,
  }));
  const spared = Array.from({ length: 100 }, (_, i) => ({
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
  return {
    report: reportFates(outcomes),
    aboveShuffled: displacedAboveNull(outcomes, nulls),
    control: makeControl(guessed),
  };
}

const repairs = readAnsweredRepairs();

describe('toVerdict', () => {
  it('words the example of LoRA: 31 of 100 unseen and 98 seen is mostly relearning', () => {
    const verdict = toVerdict(makeEvidence({ heldOut: 31, seen: 98 }));
    expect(verdict).toMatchObject({ kind: 'mostly-relearning', damaged: 100, isAboveNull: true });
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
    expect(verdict).toMatchObject({ kind: 'nothing-shown', isAboveNull: false });
    expect(toVerdictSentence(verdict, 'Prefix')).toContain('that it redirects anything is not shown');
  });

  it('shows nothing where guessing on control subjects may bring back as much', () => {
    expect(toVerdict(makeEvidence({ heldOut: 20, seen: 25 }, { guessed: 14 })).kind).toBe('nothing-shown');
    expect(toVerdict(makeEvidence({ heldOut: 20, seen: 25 })).kind).toBe('mostly-redirection');
  });

  it('shows nothing where as many facts break as come back', () => {
    expect(toVerdict(makeEvidence({ heldOut: 20, seen: 25, broken: 19 })).kind).toBe('nothing-shown');
  });

  it('can be relearning though nothing is shown to be displaced', () => {
    expect(toVerdict(makeEvidence({ heldOut: 2, seen: 90 }))).toMatchObject({
      kind: 'mostly-relearning',
      isAboveNull: false,
    });
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
    const none = toVerdict({ ...evidence, aboveShuffled: null, control: null });
    expect(none).toMatchObject({ kind: 'no-null', isAboveNull: false });
    expect(toVerdictSentence(none, 'IDP')).toContain('cannot be judged');
    expect(toVerdict({ ...evidence, aboveShuffled: null }).kind).toBe('mostly-redirection');
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
      control: guessedShare(find(name)?.control ?? [], options),
    });
    expect(verdict.kind).toBe(kind);
  });
});
