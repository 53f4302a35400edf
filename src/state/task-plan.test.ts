import { expect, test } from 'vitest';
import { readShippedTask, SHIPPED_TASKS } from '../testing/harness-fixtures.ts';
import type { PlannedUnit } from './evaluation-plan.ts';
import {
  DEFAULT_TASK_CHOICE,
  isAsked,
  MAX_TASK_LIMIT,
  planDocuments,
  toDocumentBlocks,
  toExposure,
  toGroup,
  toPresetItems,
} from './task-plan.ts';
import type { TaskChoice, TaskEntry } from './task-state.ts';

const entryOf = (name: string): TaskEntry => ({
  id: name,
  isOwn: false,
  fingerprint: name,
  task: readShippedTask(name),
});
const CHOICE = entryOf('atlas-choice');
const plan = (change: Partial<TaskChoice>) => planDocuments(CHOICE, { ...DEFAULT_TASK_CHOICE, ...change });
const ids = (change: Partial<TaskChoice>) => plan(change).map(({ document }) => document.id);
const unitOf = (key: PlannedUnit['key'], fold: PlannedUnit['fold']): PlannedUnit => ({
  key,
  fold,
  regime: { id: `${key} ${fold}`, recipe: null, recovery: { kind: 'none' } },
  isTransferred: false,
});

test('a seed gives one order, whose first documents are the same whatever the limit is', () => {
  const all = ids({ limit: MAX_TASK_LIMIT });
  expect(new Set(all).size).toBe(CHOICE.task.documents.length);
  expect(ids({ limit: 40 })).toEqual(all.slice(0, 40));
  expect(ids({ limit: 40, seed: 2 })).not.toEqual(all.slice(0, 40));
});

test('blocks hold the same documents in their order', () => {
  const documents = plan({ limit: 100 });
  const blocks = toDocumentBlocks(documents, 40);
  expect(blocks.map((block) => block.length)).toEqual([40, 40, 20]);
  expect(blocks.flat()).toEqual(documents);
});

test('documents of the folds go to both twins, all others to one, and any to a regime without a repair', () => {
  const units = [unitOf('dense', null), unitOf('idp', 'A'), unitOf('idp', 'B')];
  const asked = (fold: string) => {
    const document = CHOICE.task.documents.find((each) => each.fold === fold);
    if (document === undefined) throw new Error(`no document of fold ${fold}`);
    return units.map((unit) => (isAsked(document, unit, units) ? toExposure(document, unit) : null));
  };
  expect(asked('A')).toEqual(['all', 'seen', 'held-out']);
  expect(asked('B')).toEqual(['all', 'held-out', 'seen']);
  expect(asked('control')).toEqual(['control', 'control', null]);
  const [sentence] = entryOf('atlas-sentences').task.documents;
  expect(sentence && units.map((unit) => isAsked(sentence, unit, units))).toEqual([true, true, false]);
  expect(sentence && units.slice(0, 2).map((unit) => toExposure(sentence, unit))).toEqual(['all', 'all']);
});

test('comparisons wait for 200 documents or more, control subjects apart, however few a run asks', () => {
  const preset = (limit: number) => toPresetItems(CHOICE, { ...DEFAULT_TASK_CHOICE, limit });
  const isOfFold = ({ document }: ReturnType<typeof plan>[number]) => document.fold !== 'control';
  expect(preset(40)).toBe(plan({ limit: 200 }).filter(isOfFold).length);
  expect(preset(500)).toBe(plan({ limit: 500 }).filter(isOfFold).length);
  expect(preset(MAX_TASK_LIMIT)).toBe(808);
  expect(toPresetItems(entryOf('atlas-sentences'), DEFAULT_TASK_CHOICE)).toBe(100);
});

test.each(SHIPPED_TASKS)('documents of %s are grouped by what they say of themselves', (name) => {
  const [document] = entryOf(name).task.documents;
  if (document === undefined) throw new Error(`${name} is empty`);
  const { relation, domain, fold } = document.fields;
  expect(toGroup(document, 'relation')).toBe(relation);
  expect(toGroup(document, 'domain')).toBe(domain);
  expect(toGroup(document, 'fold')).toBe(fold);
  expect(toGroup(document, 'taught')).toBe(document.fields.taught === true ? 'taught form' : 'untaught form');
});
