import { METRICS } from './metrics.ts';
import type { TaskConfig } from './task.ts';

/** A task's keys as its file spells them, for `configs` of a result file; `toTaskConfig` reads the same task out of them. */
export function toConfigJson(config: TaskConfig): Readonly<Record<string, unknown>> {
  const { documentsFile, docToChoice, testSplit, until } = config;
  return {
    task: config.task,
    tag: config.tags,
    ...(documentsFile !== null && {
      dataset_path: 'json',
      dataset_kwargs: { data_files: { [testSplit]: documentsFile } },
    }),
    test_split: testSplit,
    doc_to_text: config.docToText,
    doc_to_target: config.docToTarget,
    ...(docToChoice !== null && { doc_to_choice: docToChoice }),
    target_delimiter: config.targetDelimiter,
    num_fewshot: 0,
    metric_list: config.metrics.map((metric) => {
      const { aggregation, higherIsBetter } = METRICS[metric];
      return { metric, aggregation, higher_is_better: higherIsBetter };
    }),
    output_type: config.outputType,
    ...(until !== null && { generation_kwargs: { until: [until], do_sample: false } }),
    metadata: { version: config.version },
  };
}
