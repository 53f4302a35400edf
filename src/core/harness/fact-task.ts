import { isObject, parseJson } from '../json.ts';
import { toTaskConfig } from './parse-config.ts';
import type { TaskConfig } from './task.ts';

/** Keys that hold as they are for questions that are written out; the others say where documents lie and how Jinja makes questions of them. */
const KEPT_KEYS = ['tag', 'test_split', 'generation_kwargs', 'metric_list', 'metadata'] as const;

/**
 * The task of a pack's facts out of the bytes of its file, under a name: version, metrics and end token are the file's own, while a
 * document is a question with its `context` and `answer`. Throws `task-invalid` with field, value and rule.
 */
export function parseFactTask(bytes: Uint8Array, fileName: string, task: string): TaskConfig {
  const json = parseJson(bytes, fileName, 'task-invalid');
  const kept = KEPT_KEYS.flatMap((key) => (isObject(json) && Object.hasOwn(json, key) ? [[key, json[key]]] : []));
  const asked = { doc_to_text: 'context', doc_to_target: ' {{answer}}', target_delimiter: '' };
  return toTaskConfig({ ...Object.fromEntries(kept), ...asked, task, output_type: 'generate_until' }, fileName);
}
