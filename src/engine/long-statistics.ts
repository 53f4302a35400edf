import type { StatisticsName } from './statistics-calls.ts';

/** Calls that take some tenths of a second each, of all facts at once: they have a worker of their own, so that the intervals of a running chart need not wait for them. */
export const LONG_CALLS: ReadonlySet<StatisticsName> = new Set([
  'comparePacked',
  'comparePackedFamily',
  'compareCounted',
  'reportFates',
  'reportDamaged',
  'displacedAboveNull',
  'guessedShare',
  'estimateMetrics',
  'aggregateMetric',
  'compareMetric',
  'parseTaskFiles',
  'estimateDistances',
  'studyPool',
]);
