import { inferTask } from './infer-task.ts';
import { parseTaskConfig } from './parse-config.ts';
import { parseHarnessTask } from './parse-task.ts';
import type { HarnessTask } from './task.ts';

/** A file that a person brings. */
export interface NamedBytes {
  name: string;
  bytes: Uint8Array;
}

/** Documents, and the task file that says how they are asked where there is one. */
export interface TaskFiles {
  documents: NamedBytes;
  config: NamedBytes | null;
}

/** A task as its task file says, whatever file that names, or by the fields of its documents; throws `task-invalid` with file, line and field. */
export function parseTaskFiles({ documents: { name, bytes }, config }: TaskFiles): HarnessTask {
  if (config !== null) return parseHarnessTask(parseTaskConfig(config.bytes, config.name), bytes, name);
  return inferTask(bytes, toTaskName(name), name);
}

/** A file's name as a task may have it: without its ending, and of letters, digits, dots, dashes and underscores. */
function toTaskName(fileName: string): string {
  const name = fileName
    .replace(/\.[A-Za-z0-9]{1,8}$/, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 100);
  return name === '' ? 'own-task' : name;
}
