import type { HarnessTask } from '../core/harness/task.ts';
import { isBlank } from '../core/harness/white-space.ts';

/**
 * Raise it when a pool's prompt is chosen in another way where nothing is given: what was answered to such documents is then left alone.
 * 1: by the text that is scored; 2: by the begin token.
 */
const BARE_VERSION = 2;

/**
 * What the fingerprint of a task is made of: hashes of its files and, only where a document has no context, how such documents are asked.
 * Answers in the browser, in run files and in links are known by it, so those of an older way are never taken for today's.
 */
export function toTaskHash(fileHashes: readonly string[], { documents }: HarnessTask): string {
  const isBare = documents.some(({ context }) => isBlank(context));
  return [...fileHashes, ...(isBare ? [`bare ${BARE_VERSION}`] : [])].join(' ');
}
