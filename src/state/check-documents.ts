import { AppError } from '../core/errors.ts';
import { type HarnessTask, type TaskConfig, toPrompt } from '../core/harness/task.ts';
import { toUnaskableError, type UnaskableDocument } from '../core/harness/unaskable.ts';
import type { LiveEngine } from './engine-store.ts';
import type { PlannedDocument } from './task-plan.ts';

/** Documents a call: texts of 100,000 characters take the tokenizer some milliseconds each, and a call may be silent for seconds only. */
const BLOCK = 100;

/** Rejects with line and field where the model cannot be asked some documents, in the order of their file; in no regime it could. */
export async function checkDocuments(
  engine: LiveEngine,
  config: TaskConfig,
  documents: readonly PlannedDocument[],
  signal: AbortSignal,
): Promise<void> {
  const unaskable: UnaskableDocument[] = [];
  for (let start = 0; start < documents.length; start += BLOCK) {
    const block = documents.slice(start, start + BLOCK);
    const faults = await engine.call('checkPrompts', { prompts: block.map(({ prompt }) => prompt) }, { signal });
    for (const { index, fault } of faults) {
      const document = block[index]?.document;
      if (document !== undefined) unaskable.push({ document, fault });
    }
  }
  if (unaskable.length === 0) return;
  const numberOf = ({ document }: UnaskableDocument) => Number(/\d+/.exec(document.place)?.[0] ?? 0);
  throw toUnaskableError(
    config,
    unaskable.toSorted((one, other) => numberOf(one) - numberOf(other)),
  );
}

/** The same of every document of a task, before it is taken in. What else goes wrong is told when the task is run. */
export async function checkTask(engine: LiveEngine, task: HarnessTask): Promise<void> {
  const documents = task.documents.map((document) => ({ document, prompt: toPrompt(task, document) }));
  try {
    await checkDocuments(engine, task.config, documents, new AbortController().signal);
  } catch (error) {
    if (error instanceof AppError && error.details.document !== undefined) throw error;
  }
}
