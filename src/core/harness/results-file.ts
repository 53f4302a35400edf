import type { MetricValue } from './aggregate-metric.ts';
import { toConfigJson } from './config-json.ts';
import { type ItemValue, METRICS, type MetricName } from './metrics.ts';
import { type ResultFile, type TaskRun, toFileDate } from './run.ts';

/** What was asked: the model by name, and what made it (pack, recipe, recovery, device and the like). */
export interface RunOrigin {
  model: string;
  modelArgs: Readonly<Record<string, string>>;
  dateMs: number;
}

/** Computes a metric over documents; a bootstrap over many of them takes too long for a thread that draws. */
export type Aggregate = (name: MetricName, values: readonly ItemValue[]) => Promise<MetricValue>;

/** The harness's word for a figure that does not exist, such as the standard error of bits per byte. */
export const NOT_AVAILABLE = 'N/A';

/** No filter changes an answer before it is scored. */
export const FILTER = 'none';

/**
 * `results_<date>.json` as lm-evaluation-harness writes it, of one regime: `results`, `configs`, `versions`, `n-shot` and `n-samples` by task,
 * `config` with the model, and `date` in seconds. A figure that is not finite is `N/A`.
 */
export async function toResultsFile(
  runs: readonly TaskRun[],
  { model, modelArgs, dateMs }: RunOrigin,
  aggregate: Aggregate,
): Promise<ResultFile> {
  const figures = await Promise.all(runs.map((run) => toFigures(run, aggregate)));
  const byTask = (toValue: (run: TaskRun, place: number) => unknown) =>
    Object.fromEntries(runs.map((run, place) => [run.task.config.task, toValue(run, place)]));
  const json = {
    results: byTask((_, place) => figures[place]),
    configs: byTask(({ task }) => toConfigJson(task.config)),
    versions: byTask(({ task }) => task.config.version),
    'n-shot': byTask(() => 0),
    'n-samples': byTask(({ task, samples }) => ({ original: task.documents.length, effective: samples.length })),
    config: { model, model_args: modelArgs },
    date: dateMs / 1000,
  };
  return { name: `results_${toFileDate(dateMs)}.json`, text: `${JSON.stringify(json, null, 2)}\n` };
}

async function toFigures(
  { task, samples }: TaskRun,
  aggregate: Aggregate,
): Promise<Readonly<Record<string, number | string>>> {
  const figures: Record<string, number | string> = {};
  for (const name of task.config.metrics) {
    const items = samples.flatMap(({ document, scores }) => {
      const found = task.documents[document];
      return found === undefined ? [] : [METRICS[name].toItem(found, scores)];
    });
    const { value, stderr } = await aggregate(name, items);
    figures[`${name},${FILTER}`] = Number.isFinite(value) ? value : NOT_AVAILABLE;
    figures[`${name}_stderr,${FILTER}`] = stderr ?? NOT_AVAILABLE;
  }
  return figures;
}
