import { expect, it } from 'vitest';
import { inferTask } from '../../core/harness/infer-task.ts';
import type { TaskEntry } from '../../state/task-state.ts';
import { makeResultSet } from '../../testing/make-results.ts';
import { toGroups } from '../../ui/comparison-rows.ts';
import { toComparedDocuments } from './compared-documents.ts';

function toTitles(...documents: readonly object[]): readonly string[] {
  const bytes = new TextEncoder().encode(documents.map((document) => JSON.stringify(document)).join('\n'));
  const task = inferTask(bytes, 'mine', 'mine.jsonl');
  const entry: TaskEntry = { id: 'mine', isOwn: false, fingerprint: 'f', task };
  const drawn = { entry, metric: 'word_perplexity', presetItems: 2, isPresetKept: true, availableItems: 2 } as const;
  const rest = {
    source: makeResultSet().source,
    recipeLabel: 'RTN',
    groupBy: 'fold',
    rows: [],
    figures: [],
    damage: null,
  } as const;
  return toGroups(toComparedDocuments({ ...drawn, ...rest }, [])).map(({ title }) => title);
}

it('speaks of held-out documents where a fold was held out, and not of sentences that belong to none', () => {
  expect(toTitles({ text: 'Paris is in France.', fold: 'A' }, { text: 'It rains.' })[0]).toBe(
    'Each recovery against none, on held-out documents',
  );
  expect(toTitles({ text: 'It rains.' }, { text: 'The owl sleeps.' }).slice(0, 2)).toEqual([
    'Each recovery against none',
    'IDP against LoRA-merged',
  ]);
});
