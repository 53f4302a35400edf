import type { FateReport } from './fates.ts';
import type { ShareEstimate } from './outcomes.ts';
import type { Estimate } from './statistics.ts';

/** What a verdict is drawn from: one type of repair, and what it is held against. */
export interface Evidence {
  report: FateReport;
  /** Displaced share minus that of the repair with shuffled answers; null where none is there. */
  aboveShuffled: Estimate | null;
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

/** What the numbers say of one type of repair. */
export interface Verdict {
  kind: VerdictKind;
  /** Facts that the dense model knows and the variant gets wrong. */
  damaged: number;
  /** Of these, brought back by the twin that never saw them; null without damaged facts. */
  heldOut: CountEstimate | null;
  /** Of these, brought back by the twin that did. */
  seen: CountEstimate | null;
  /** Whether what was brought back unseen stands above every null at hand, and above what was broken. */
  isAboveNull: boolean;
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
    when: 'more than half of its gain on facts it saw comes from having seen them (whole interval above half)',
    holds: ({ report: { owedToSeeing } }) => owedToSeeing !== null && owedToSeeing.low > HALF,
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
    when: 'what it brings back of facts it never saw is more than whatever of these was asked brings back: its twin with shuffled answers (paired interval above 0), guessing on control subjects (intervals apart); and it breaks fewer facts than it brings back (interval above 0)',
    holds: isAboveNull,
  },
  { kind: 'nothing-shown', when: 'none of these', holds: () => true },
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
    isAboveNull: isAboveNull(evidence),
  };
}

const CONCLUSIONS: Record<Exclude<VerdictKind, 'no-null' | 'too-few'>, string> = {
  'mostly-relearning': 'most of its gain is relearning',
  'mostly-redirection': 'most of its gain is redirection',
  'displaced-above-null': 'part is redirection and part may be relearning, and which part is larger is not shown',
  'nothing-shown': 'that it redirects anything is not shown',
};

/** The verdict as one sentence about the repair `name`, such as "LoRA r=8". */
export function toVerdictSentence({ kind, damaged, heldOut, seen }: Verdict, name: string): string {
  if (kind === 'no-null') {
    return `What ${name} brings back cannot be judged: there is nothing to hold it against, neither shuffled answers nor control subjects.`;
  }
  if (kind === 'too-few' || heldOut === null || seen === null) {
    return `Compression lost ${damaged} facts, too few to tell what ${name} brings back.`;
  }
  const [back, low, high] = [heldOut.value, heldOut.low, heldOut.high].map(Math.round);
  return `${name} brought back ${back} of ${damaged} lost facts it never saw [${low}, ${high}] and ${Math.round(seen.value)} it did: ${CONCLUSIONS[kind]}.`;
}

function hasNull({ aboveShuffled, control }: Evidence): boolean {
  return aboveShuffled !== null || control !== null;
}

function isAboveNull(evidence: Evidence): boolean {
  const { aboveShuffled, control } = evidence;
  const { ofDamaged, net } = evidence.report;
  const heldOut = ofDamaged.displaced;
  if (!hasNull(evidence) || heldOut === null || net === null || net.low <= 0) return false;
  if (aboveShuffled !== null && aboveShuffled.low <= 0) return false;
  return control === null || heldOut.low > control.high;
}
