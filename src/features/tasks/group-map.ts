import { METRICS } from '../../core/harness/metrics.ts';
import { REGIME_KEYS, type RegimeKey } from '../../core/recover/regime.ts';
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

/**
 * Groups down, regimes across; the stronger the shade, the worse, from the best cell to the worst one. Where another run stands beside it,
 * both maps have the groups, regimes and shades of the two.
 */
export function toGroupMap(
  results: TaskResults,
  exposure: MapExposure,
  nameOf: (group: string) => string,
  beside: TaskResults | null = null,
): GroupMap {
  const { metric } = results;
  const sets = beside === null ? [results] : [results, beside];
  const groups = [...new Set(sets.flatMap(({ figures }) => figures.flatMap(({ group }) => group ?? [])))].sort();
  const keys = REGIME_KEYS.filter((key) => sets.some(({ rows }) => rows.some((row) => row.key === key)));
  const finders = sets.map(({ figures }) => toFinder(figures, exposure));
  const find = (group: string, key: RegimeKey) => finders[0]?.(group, key);
  const values = finders.flatMap((each) =>
    groups.flatMap((group) => keys.map((key) => each(group, key)?.estimate.value ?? Number.NaN)),
  );
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

/** A task of one's own may have thousands of groups: each cell is looked up, not searched for. */
function toFinder(figures: readonly TaskFigure[], exposure: MapExposure) {
  const toPlace = (group: string | null, key: RegimeKey, kind: TaskExposure) => JSON.stringify([group, key, kind]);
  const grouped = figures.filter(({ group }) => group !== null);
  const byPlace = new Map(grouped.map((figure) => [toPlace(figure.group, figure.key, figure.exposure), figure]));
  return (group: string, key: RegimeKey) =>
    toKinds(group, exposure)
      .map((kind) => byPlace.get(toPlace(group, key, kind)))
      .find((each) => each !== undefined);
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
