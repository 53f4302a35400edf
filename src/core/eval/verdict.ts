import type { FateReport } from './fates.ts';
import type { ShareEstimate } from './outcomes.ts';
import type { Estimate } from './statistics.ts';

/** What a verdict is drawn from: one type of repair, and what it is held against. */
export interface Evidence {
  report: FateReport;
  /** Displaced share minus that of the repair with shuffled answers; null where none is there. */
  aboveShuffled: Estimate | null;
  /** What the repair with shuffled answers brings back of facts that it saw; null where none is there. */
  seenShuffled: ShareEstimate | null;
  /** What guessing brings back on control subjects; null where they were not asked. */
  control: ShareEstimate | null;
}

export type VerdictKind =
  | 'no-null'
  | 'too-few'
  | 'mostly-relearning'
  | 'mostly-redirection'
  | 'displaced-above-null'
  | 'nothing-shown';

/** A number of facts with its 95 % interval. */
export type CountEstimate = Estimate;

/** Why what a repair brings back unseen does not stand above luck. */
export type Shortfall = 'broken' | 'shuffled' | 'control';

/** What the numbers say of one type of repair. */
export interface Verdict {
  kind: VerdictKind;
  /** Facts that the dense model knows and the variant gets wrong. */
  damaged: number;
  /** Of these, brought back by the twin that never saw them; null without damaged facts. */
  heldOut: CountEstimate | null;
  /** Of these, brought back by the twin that did. */
  seen: CountEstimate | null;
  /** Facts that compression spared and the twin that never saw them gets wrong. */
  broken: number;
  /** Empty where what was brought back unseen stands above every null at hand, and above what was broken. */
  shortfalls: readonly Shortfall[];
}

/** Fewest damaged facts: around one half, Wilson's interval of a share of fewer is wider than a third. */
const MIN_DAMAGED = 30;

const HALF = 0.5;

export interface VerdictRule {
  kind: VerdictKind;
  /** The rule as the page prints it. */
  when: string;
  holds(evidence: Evidence): boolean;
}

/** The first rule that holds gives the verdict. Every threshold is one on a bound of a 95 % interval, never on the value alone. */
export const VERDICT_RULES: readonly VerdictRule[] = [
  {
    kind: 'no-null',
    when: 'neither a repair with shuffled answers nor the control subjects were asked',
    holds: (evidence) => !hasNull(evidence),
  },
  {
    kind: 'too-few',
    when: `fewer than ${MIN_DAMAGED} facts that the dense model knows are wrong after compression`,
    holds: ({ report }) => report.damaged < MIN_DAMAGED,
  },
  {
    kind: 'mostly-relearning',
    when: 'more than half of its gain on facts it saw comes from having seen them (whole interval above half), and that gain stands above luck: above what shuffled answers and guessing on control subjects give, whichever was asked (intervals apart)',
    holds: (evidence) => {
      const { owedToSeeing } = evidence.report;
      return owedToSeeing !== null && owedToSeeing.low > HALF && isSeenAboveNull(evidence);
    },
  },
  {
    kind: 'mostly-redirection',
    when: 'less than half of its gain on facts it saw comes from having seen them (whole interval below half), and it stands above luck (rule 5)',
    holds: (evidence) => {
      const { owedToSeeing } = evidence.report;
      return owedToSeeing !== null && owedToSeeing.high < HALF && isAboveNull(evidence);
    },
  },
  {
    kind: 'displaced-above-null',
    when: 'what it brings back of facts it never saw stands above luck: above shuffled answers (of a single prompt for prompts, pools and prefixes, of LoRA r=8 for LoRA; paired interval above 0) and guessing on control subjects (intervals apart), whichever was asked; and it breaks fewer facts than that (interval above 0)',
    holds: isAboveNull,
  },
  { kind: 'nothing-shown', when: 'rules 1 to 5 do not hold', holds: () => true },
];

/** The verdict on one type of repair by `VERDICT_RULES`. */
export function toVerdict(evidence: Evidence): Verdict {
  const { report } = evidence;
  const toCount = (share: Estimate | null) =>
    share && {
      value: share.value * report.damaged,
      low: share.low * report.damaged,
      high: share.high * report.damaged,
    };
  return {
    kind: VERDICT_RULES.find(({ holds }) => holds(evidence))?.kind ?? 'nothing-shown',
    damaged: report.damaged,
    heldOut: toCount(report.ofDamaged.displaced),
    seen: toCount(report.seen),
    broken: report.fates.get('broken')?.count ?? 0,
    shortfalls: toShortfalls(evidence),
  };
}

/** Groups of three digits, as the page prints them. */
const COUNT = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** The verdict as one sentence about the repair `name`, such as "LoRA r=8". */
export function toVerdictSentence(verdict: Verdict, name: string): string {
  const { kind, damaged, heldOut, seen } = verdict;
  if (kind === 'no-null') {
    return `What ${name} brings back cannot be judged: there is nothing to hold it against, neither shuffled answers nor control subjects.`;
  }
  if (kind === 'too-few' || heldOut === null || seen === null) {
    return `Compression lost ${damaged} facts, too few to tell what ${name} brings back.`;
  }
  const [back, low, high, backSeen] = [heldOut.value, heldOut.low, heldOut.high, seen.value].map(COUNT.format);
  return `${name} brought back ${back} of ${COUNT.format(damaged)} lost facts it never saw [${low}, ${high}] and ${backSeen} it did: ${toConclusion(kind, verdict)}.`;
}

function toConclusion(kind: Exclude<VerdictKind, 'no-null' | 'too-few'>, { broken, shortfalls }: Verdict): string {
  const isBreaking = broken > 0 && shortfalls.includes('broken');
  const broke = `it broke ${COUNT.format(broken)} that compression had spared`;
  switch (kind) {
    case 'mostly-relearning':
      return `most of its gain is relearning${isBreaking ? `, and ${broke}` : ''}`;
    case 'mostly-redirection':
      return 'most of its gain is redirection';
    case 'displaced-above-null':
      return 'part is redirection and part may be relearning, and which part is larger is not shown';
    case 'nothing-shown': {
      const luck = shortfalls.flatMap((each) => (each === 'broken' ? [] : [LUCK[each]]));
      const reasons = [
        ...(luck.length === 0 ? [] : [`${luck.join(' and ')} may bring back as many`]),
        ...(isBreaking ? [broke] : []),
      ];
      const since = reasons.length === 0 ? '' : `, since ${reasons.join(', and ')}`;
      return `that it redirects anything is not shown${since}`;
    }
    default:
      return kind satisfies never;
  }
}

const LUCK: Record<Exclude<Shortfall, 'broken'>, string> = { shuffled: 'shuffled answers', control: 'guessing' };

function hasNull({ aboveShuffled, control }: Evidence): boolean {
  return aboveShuffled !== null || control !== null;
}

function isAboveNull(evidence: Evidence): boolean {
  return hasNull(evidence) && evidence.report.damaged > 0 && toShortfalls(evidence).length === 0;
}

function toShortfalls({ report, aboveShuffled, control }: Evidence): readonly Shortfall[] {
  const { ofDamaged, net } = report;
  const falls: Record<Shortfall, boolean> = {
    shuffled: aboveShuffled !== null && aboveShuffled.low <= 0,
    control: control !== null && (ofDamaged.displaced?.low ?? 0) <= control.high,
    broken: (net?.low ?? 0) <= 0,
  };
  return (['shuffled', 'control', 'broken'] as const).filter((each) => falls[each]);
}

function isSeenAboveNull({ report: { seen }, seenShuffled, control }: Evidence): boolean {
  const nulls = [seenShuffled, control].filter((each) => each !== null);
  return seen !== null && nulls.every(({ high }) => seen.low > high);
}
