import { expect, test } from 'vitest';
import type { DocumentScores, MetricName } from '../core/harness/metrics.ts';
import { createPlainStatistics } from '../engine/statistics-client.ts';
import { readShippedTask } from '../testing/harness-fixtures.ts';
import type { PlannedUnit } from './evaluation-plan.ts';
import { createBook, type ResultBook, type ResultLibrary, toDeviceId, toResultSource } from './result-book.ts';
import { type TaskResultsInput, toTaskResults } from './task-figures.ts';
import { DEFAULT_TASK_CHOICE, isAsked, planDocuments, toPresetItems } from './task-plan.ts';
import type { TaskPlan } from './task-run.ts';

const unitOf = (key: PlannedUnit['key'], fold: PlannedUnit['fold']): PlannedUnit => ({
  key,
  fold,
  regime: { id: key, recipe: null, recovery: { kind: 'none' } },
  isTransferred: false,
});
const UNITS = [unitOf('compressed', null), unitOf('idp', 'A')];

interface Given extends Pick<TaskResultsInput, 'entry' | 'choice' | 'recipeLabel' | 'precision'> {
  plan: TaskPlan;
  library: ResultLibrary;
  book: ResultBook;
}

function toInput({ plan, library, book, ...rest }: Given): TaskResultsInput {
  const { documents, units, preset, task } = plan;
  return {
    ...rest,
    documents: documents.map(({ document }) => document),
    units,
    scoresOf: (regimeId) => library.documents.at({ deviceId: toDeviceId(book.device), regimeId, task }),
    source: toResultSource(book),
    presetItems: preset.items,
    isPresetKept: true,
  };
}

const RIGHT: DocumentScores = { logLikelihoods: [-1], isGreedy: [true] };
const WRONG: DocumentScores = { logLikelihoods: [-1], isGreedy: [false] };

/** IDP, of which there is one twin, right where the variant alone is wrong, on the first `asked` documents of a run of all. */
async function compareHalf(task: ReturnType<typeof readShippedTask>, asked: number) {
  const entry = { id: 'last-word', isOwn: false, fingerprint: 'f', task };
  const choice = { ...DEFAULT_TASK_CHOICE, limit: task.documents.length };
  const documents = planDocuments(entry, choice);
  const preset = { key: 'f', items: toPresetItems(entry, choice) };
  const answers = new Map(
    UNITS.map((unit) => {
      const own = documents.slice(0, asked).filter(({ document }) => isAsked(document, unit, UNITS));
      return [unit.regime.id, new Map(own.map(({ document }) => [document.id, unit.fold === null ? WRONG : RIGHT]))];
    }),
  );
  const at: ResultLibrary['documents']['at'] = ({ regimeId }) => answers.get(regimeId) ?? new Map();
  const book = createBook({ device: 'CPU', deviceKind: 'wasm', isSoftware: false, date: '2026-01-01' });
  const plan = { task: 'f', documents, units: UNITS, preset };
  const library = { documents: { at } } as ResultLibrary;
  const input = { plan, entry, choice, recipeLabel: 'Half', library, book, precision: 'live' } as const;
  return (await toTaskResults(toInput(input), createPlainStatistics()))?.comparisons?.[0];
}

test('a perplexity is compared in pairs by documents: the declared one where a task has no share, exploratory beside one', async () => {
  const compare = async (name: string, metric: MetricName | null) => {
    const task = readShippedTask(name);
    const entry = { id: name, isOwn: false, fingerprint: 'f', task };
    const choice = { ...DEFAULT_TASK_CHOICE, limit: task.documents.length, metric };
    const documents = planDocuments(entry, choice);
    const preset = { key: 'f', items: toPresetItems(entry, choice) };
    // Half a nat better in the one direction for every document, with noise that differs from one to the next.
    const at: ResultLibrary['documents']['at'] = ({ regimeId }) =>
      new Map(
        documents.map(({ document: { id } }, i) => {
          const gain = regimeId === 'compressed' ? 0 : 0.5 + 0.3 * Math.sin(i);
          return [id, { logLikelihoods: [gain - 20 - 10 * Math.cos(i)], isGreedy: [true] }];
        }),
      );
    const book = createBook({ device: 'CPU', deviceKind: 'wasm', isSoftware: false, date: '2026-01-01' });
    const plan = {
      task: 'f',
      documents,
      units: [unitOf('compressed', null), unitOf('idp', 'A'), unitOf('idp', 'B')],
      preset,
    };
    const library = { documents: { at } } as ResultLibrary;
    const input = { plan, entry, choice, recipeLabel: 'Half', library, book, precision: 'live' } as const;
    return toTaskResults(toInput(input), createPlainStatistics());
  };
  const statements = await compare('atlas-statements', null);
  expect(statements).toMatchObject({ metric: 'word_perplexity' });
  const [againstNone, againstSeen] = statements?.comparisons ?? [];
  expect(againstNone).toMatchObject({ isExploratory: false, isDecided: true, items: 312 });
  expect(againstNone?.difference.high).toBeLessThan(0);
  expect(againstSeen).toMatchObject({ difference: { value: 0 }, p: 1, isDecided: false });
  const [besideShare] = (await compare('atlas-last-word', 'perplexity'))?.comparisons ?? [];
  expect(besideShare).toMatchObject({ isExploratory: true, adjustedP: null, isDecided: false });
  expect(besideShare?.difference.value).toBeCloseTo(Math.exp(-0.5) - 1, 1);
});

test('what compression took is compared in pairs too, as exploratory, by a share and by a perplexity', async () => {
  const compare = async (name: string) => {
    const task = readShippedTask(name);
    const entry = { id: name, isOwn: false, fingerprint: 'f', task };
    const choice = { ...DEFAULT_TASK_CHOICE, limit: task.documents.length };
    const documents = planDocuments(entry, choice);
    // The dense model is right everywhere; the variant is wrong, and a nat worse, in a third of the documents.
    const at: ResultLibrary['documents']['at'] = ({ regimeId }) =>
      new Map(
        documents.map(({ document: { id } }, i) => {
          const isLost = regimeId === 'compressed' && i % 3 === 0;
          return [id, { logLikelihoods: [isLost ? -21 : -20], isGreedy: [!isLost] }];
        }),
      );
    const book = createBook({ device: 'CPU', deviceKind: 'wasm', isSoftware: false, date: '2026-01-01' });
    const preset = { key: 'f', items: toPresetItems(entry, choice) };
    const plan = { task: 'f', documents, units: [unitOf('dense', null), unitOf('compressed', null)], preset };
    const library = { documents: { at } } as ResultLibrary;
    const input = { plan, entry, choice, recipeLabel: 'A third', library, book, precision: 'final' } as const;
    return toTaskResults(toInput(input), createPlainStatistics());
  };
  const words = await compare('atlas-last-word');
  const cells = words?.figures.filter(({ group }) => group !== null) ?? [];
  const tested = cells.flatMap(({ key, againstNone }) => (againstNone === undefined ? [] : [{ key, againstNone }]));
  expect(new Set(tested.map(({ key }) => key))).toEqual(new Set(['dense']));
  expect(tested.length).toBe(cells.length / 2);
  // Every document is of one group, so the groups' documents and lost ones add up to those of all.
  const gained = tested.reduce((sum, { againstNone: { difference, items } }) => sum + difference.value * items, 0);
  expect(gained).toBeCloseTo(312 / 3, 9);
  expect(tested.reduce((sum, { againstNone: { items } }) => sum + items, 0)).toBe(312);
  expect(tested.every(({ againstNone: { isExploratory, p } }) => isExploratory && p > 0 && p <= 1)).toBe(true);
  expect(words?.comparisons).toEqual([]);
  expect(words?.damage).toMatchObject({ isExploratory: true, adjustedP: null, isDecided: false, items: 312 });
  expect(words?.damage?.difference.value).toBeCloseTo(-1 / 3, 12);
  expect(words?.damage?.p).toBeLessThan(1e-6);
  const statements = await compare('atlas-statements');
  expect(statements?.damage).toMatchObject({ isExploratory: true, items: 312 });
  expect(statements?.damage?.difference.low).toBeGreaterThan(0);
});

test('one twin of a repair waits for half of the documents of facts, the half that it never saw', async () => {
  const task = readShippedTask('atlas-last-word');
  expect(await compareHalf(task, 312)).toMatchObject({ items: 156, isEarly: false });
});

test('one twin waits for all documents where none is of a fold, since it is asked all of them', async () => {
  const task = readShippedTask('atlas-last-word');
  const documents = task.documents.map((document) => ({ ...document, fold: null }));
  expect(await compareHalf({ ...task, documents }, 200)).toMatchObject({ items: 200, isEarly: true });
  expect(await compareHalf({ ...task, documents }, 312)).toMatchObject({ items: 312, isEarly: false });
});
