import { METRICS } from '../../core/harness/metrics.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import type { TaskExposure, TaskFigure, TaskResults } from '../../state/task-state.ts';
import type { HeatCell } from '../../ui/charts/HeatMap.tsx';
import { toExtent } from '../../ui/charts/scale.ts';
import { formatCount, formatInterval, formatP } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { formatChange, formatMetric } from './measures.ts';

/** Of a repair, which of its twins' answers a map shows. */
export type MapExposure = 'held-out' | 'seen';

export interface GroupMap {
  columns: readonly string[];
  rows: readonly { name: string; cells: readonly HeatCell[] }[];
  least: string;
  most: string;
}

/** Groups down, regimes across; the stronger the shade, the worse, from the best cell to the worst one. */
export function toGroupMap(results: TaskResults, exposure: MapExposure, nameOf: (group: string) => string): GroupMap {
  const { metric, rows } = results;
  const grouped = results.figures.filter(({ group }) => group !== null);
  const groups = [...new Set(grouped.flatMap(({ group }) => group ?? []))].sort();
  const keys = rows.map(({ key }) => key);
  // A task of one's own may have thousands of groups: each cell is looked up, not searched for.
  const toPlace = (group: string | null, key: RegimeKey, kind: TaskExposure) => JSON.stringify([group, key, kind]);
  const byPlace = new Map(grouped.map((figure) => [toPlace(figure.group, figure.key, figure.exposure), figure]));
  const find = (group: string, key: RegimeKey) =>
    toKinds(group, exposure)
      .map((kind) => byPlace.get(toPlace(group, key, kind)))
      .find((each) => each !== undefined);
  const values = groups.flatMap((group) => keys.map((key) => find(group, key)?.estimate.value ?? Number.NaN));
  const { least: low, most: high } = toExtent(values) ?? { least: Number.NaN, most: Number.NaN };
  const [best, worst] = METRICS[metric].higherIsBetter ? [high, low] : [low, high];
  const toCell = (group: string, key: RegimeKey): HeatCell => {
    const figure = find(group, key);
    const place = `${nameOf(group)}, ${toRegimeLook(key).label}`;
    if (figure === undefined) return { share: null, text: '–', description: `${place}: not measured` };
    const { value } = figure.estimate;
    const share = worst === best ? 0 : (value - best) / (worst - best);
    return { share, text: formatMetric(metric, value), description: `${place}: ${toText(figure)}` };
  };
  return {
    columns: keys.map((key) => toRegimeLook(key).label),
    rows: groups.map((group) => ({
      name: nameOf(group),
      cells: keys.map((key) => toCell(group, key)),
    })),
    least: formatMetric(metric, best),
    most: formatMetric(metric, worst),
  };
}

/** Kinds of documents that stand for a group, the first that there is: control subjects only where they are a group themselves. */
function toKinds(group: string, exposure: MapExposure): readonly TaskExposure[] {
  return group === 'control' ? ['control'] : [exposure, 'all'];
}

function toText({ metric, exposure, estimate, againstNone }: TaskFigure): string {
  const format = (value: number) => formatMetric(metric, value);
  const kind = exposure === 'all' ? '' : ` ${exposure}`;
  const test =
    againstNone === undefined
      ? ''
      : `; against no repair ${formatChange(metric, againstNone)}, paired, p ${formatP(againstNone.p)}, unadjusted`;
  return `${format(estimate.value)}, 95\u00a0% interval ${formatInterval(estimate, format)}, ${formatCount(estimate.items)}${kind} documents${test}`;
}
