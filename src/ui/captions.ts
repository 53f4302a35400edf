import type { IntervalMethod } from '../core/eval/outcomes.ts';
import { toExtent } from './charts/scale.ts';
import { formatCount, formatDate } from './format.ts';

/** `200 items`, `120 to 200 items`, `no items yet`: the smallest and largest n among what is drawn. */
export function toCountText(estimates: readonly ({ n: number } | null)[], unit: string): string {
  const counts = estimates.flatMap((estimate) => (estimate === null ? [] : [estimate.n]));
  const extent = toExtent(counts);
  if (extent === null) return `no ${unit} yet`;
  const { least, most } = extent;
  return least === most ? `${formatCount(most)} ${unit}` : `${formatCount(least)} to ${formatCount(most)} ${unit}`;
}

interface MadeOfSubjects {
  method?: IntervalMethod;
  subjects?: number;
}

/** `95 % intervals over 1,203 subjects, cluster bootstrap`: of what is drawn, as far as it says so. */
export function toIntervalText(estimates: readonly (MadeOfSubjects | null)[]): string {
  return `95${'\u00a0'}% intervals${toMadeText(estimates)}`;
}

/** ` over 1,203 subjects, cluster bootstrap`, to stand behind the word interval; empty where results do not say. */
export function toMadeText(estimates: readonly (MadeOfSubjects | null)[]): string {
  const subjects = estimates.flatMap((estimate) => estimate?.subjects ?? []).map((n) => ({ n }));
  const methods = METHOD_WORDS.filter(([method]) => estimates.some((estimate) => estimate?.method === method));
  const over = subjects.length === 0 ? '' : ` over ${toCountText(subjects, 'subjects')}`;
  return `${over}${methods.length === 0 ? '' : `, ${methods.map(([, word]) => word).join(' and ')}`}`;
}

/** The name of a method as captions and tables print it; empty where results do not say. */
export function toMethodWord(method: IntervalMethod | undefined): string {
  return METHOD_WORDS.find(([each]) => each === method)?.[1] ?? '';
}

const METHOD_WORDS: readonly (readonly [IntervalMethod, string])[] = [
  ['wilson', 'Wilson'],
  ['cluster-bootstrap', 'cluster bootstrap'],
  ['round-bootstrap', 'bootstrap over rounds'],
];

/** What the whiskers of times are, as captions name them. */
export const MEDIAN_INTERVALS = '95\u00a0% intervals of the median by bootstrap';

interface Source {
  kind: 'recorded' | 'live' | 'imported';
  device: string;
  isSoftware: boolean;
  date: string;
  fileName?: string;
  isOtherEngine?: boolean;
}

/** Where and when figures were made, as a sentence. */
export function toSourceText(source: Source): string {
  const device = `${source.device}${source.isSoftware ? ', a software adapter' : ''}`;
  const place = `${device}, ${formatDate(source.date)}`;
  switch (source.kind) {
    case 'live':
      return `Measured in this browser on ${place}.`;
    case 'recorded':
      return `Recorded on ${place}; not measured on your device.`;
    case 'imported':
      return `Imported from ${source.fileName ?? 'a file'}, measured on ${place}${source.isOtherEngine === true ? ' by another version of the engine' : ''}; not measured here.`;
    default:
      return source.kind satisfies never;
  }
}

/** What must be known to read a regime's row; null where nothing is special. */
export function toRowNote({ isTransferred, isOneTwin }: { isTransferred: boolean; isOneTwin: boolean }): string | null {
  if (isTransferred) return 'transferred';
  return isOneTwin ? 'one twin so far' : null;
}
