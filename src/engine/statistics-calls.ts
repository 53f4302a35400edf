import { changeOfTimes, compareTimes } from '../core/eval/compare-times.ts';
import { compareCounted } from '../core/eval/counted-comparison.ts';
import { displacedAboveNull, guessedShare, reportDamaged, reportFates } from '../core/eval/fates.ts';
import { estimateFidelity } from '../core/eval/fidelity.ts';
import { accuracy, difference, recoveredShare } from '../core/eval/outcomes.ts';
import { comparePacked, comparePackedExploratory, comparePackedFamily } from '../core/eval/packed-comparison.ts';
import { medianInterval } from '../core/eval/statistics.ts';
import { parseTask } from '../core/eval/tasks.ts';
import { aggregateMetric } from '../core/harness/aggregate-metric.ts';
import { compareMetric } from '../core/harness/compare-metric.ts';
import { estimateMetrics } from '../core/harness/estimates.ts';
import { parseTaskFiles } from '../core/harness/task-files.ts';
import { estimateDistances } from '../core/inside/estimate-distances.ts';
import { studyPool } from '../core/inside/pool-study.ts';

/** What the statistics worker computes: pure functions of core, such as bootstraps, that take too long for the main thread. */
const STATISTICS = {
  accuracy,
  difference,
  recoveredShare,
  estimateFidelity,
  medianInterval,
  comparePacked,
  comparePackedExploratory,
  comparePackedFamily,
  compareCounted,
  compareTimes,
  changeOfTimes,
  compareMetric,
  reportFates,
  reportDamaged,
  displacedAboveNull,
  guessedShare,
  estimateMetrics,
  aggregateMetric,
  parseTask,
  parseTaskFiles,
  estimateDistances,
  studyPool,
};

type Calls = typeof STATISTICS;
type Inputs = { [K in keyof Calls]: Parameters<Calls[K]> };
type Outputs = { [K in keyof Calls]: ReturnType<Calls[K]> };

export type StatisticsName = keyof Calls;
export type StatisticsInput<K extends StatisticsName> = Inputs[K];
export type StatisticsOutput<K extends StatisticsName> = Outputs[K];

/** The same table, said so that the compiler sees a name pick a function together with its input. */
const TABLE: { [K in StatisticsName]: (...input: Inputs[K]) => Outputs[K] } = STATISTICS;

/** Calls a function of the table in this thread; throws what it throws. */
export function computeStatistic<K extends StatisticsName>(name: K, input: StatisticsInput<K>): StatisticsOutput<K> {
  return TABLE[name](...input);
}
