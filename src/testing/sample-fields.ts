/** The fields of a line of samples, as `docs/pack-format.md` lists them for a task with one metric. */
export const SAMPLE_FIELDS = [
  'arguments',
  'doc',
  'doc_hash',
  'doc_id',
  'exact_match',
  'filter',
  'filtered_resps',
  'metrics',
  'prompt_hash',
  'resps',
  'target',
  'target_hash',
];
