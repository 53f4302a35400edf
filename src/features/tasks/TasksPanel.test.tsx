import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { MetricEstimate } from '../../core/harness/estimates.ts';
import type { MetricName } from '../../core/harness/metrics.ts';
import { parseTaskFiles } from '../../core/harness/task-files.ts';
import { DEFAULT_TASK_CHOICE } from '../../state/task-plan.ts';
import type { TaskEntry, TaskFigure, TaskResults } from '../../state/task-state.ts';
import { makeComparisonSet } from '../../testing/make-comparisons.ts';
import { RIVER } from '../../testing/make-outcomes.ts';
import { makeResultSet } from '../../testing/make-results.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { TasksPanel } from './TasksPanel.tsx';
import { toGroupTable, toTaskExport, toTaskTable } from './tables.ts';

const plain = (text: string | null | undefined) => (text ?? '').replaceAll('\u00a0', ' ');

function makeEntry(name: string, text: string, isOwn = false): TaskEntry {
  const bytes = new TextEncoder().encode(text);
  const task = parseTaskFiles({ documents: { name: `${name}.jsonl`, bytes }, config: null });
  return { id: name, isOwn, fingerprint: name, task };
}

const CHOICE = makeEntry(
  'atlas-choice',
  [
    '{"question":"What is it?","choices":["an owl","a fish"],"label":0,"relation":"animal_class","fold":"A"}',
    '{"question":"Where is it?","choices":["here","there"],"label":1,"relation":"city","fold":"B"}',
  ].join('\n'),
);
const WRITTEN = makeEntry('mine', '{"context":"The owl is ","answer":"a bird"}', true);
const SHOWN = { status: 'ready', entries: [CHOICE, WRITTEN] } as const;

const makeEstimate = (value: number, items: number): MetricEstimate => ({
  value,
  low: value - 0.1,
  high: value + 0.1,
  method: 'cluster-bootstrap',
  items,
  subjects: items / 2,
  stderr: 0.02,
});
const makeFigure = (figure: Partial<TaskFigure>): TaskFigure => ({
  key: 'dense',
  exposure: 'all',
  metric: 'acc',
  group: null,
  estimate: makeEstimate(0.9, 200),
  ...figure,
});
const RESULTS: TaskResults = {
  source: makeResultSet().source,
  recipeLabel: '60 % pruned by magnitude',
  entry: CHOICE,
  metric: 'acc',
  groupBy: 'relation',
  rows: [
    { key: 'dense', isTransferred: false, isOneTwin: false },
    { key: 'idp', isTransferred: true, isOneTwin: false },
  ],
  figures: [
    makeFigure({}),
    makeFigure({ metric: 'acc_norm', estimate: makeEstimate(0.8, 200) }),
    makeFigure({ key: 'idp', exposure: 'held-out', estimate: makeEstimate(0.5, 200) }),
    makeFigure({ key: 'idp', exposure: 'seen', estimate: makeEstimate(0.7, 200) }),
    makeFigure({ group: 'animal_class', estimate: makeEstimate(0.6, 20) }),
  ],
  comparisons: [],
  damage: null,
  presetItems: 200,
  isPresetKept: true,
  availableItems: 808,
};

describe('the tasks', () => {
  it('are read when somebody looks at them', () => {
    const load = vi.fn(async () => undefined);
    renderWithStores(<TasksPanel />, makeStores({ tasks: { load, tasks: { status: 'loading' } } }));
    expect(load).toHaveBeenCalledOnce();
    expect(screen.getByText('Reading the tasks of the pack.')).toBeDefined();
  });

  it('say why they cannot be read, and offer to try again', () => {
    const load = vi.fn(async () => undefined);
    const error = { code: 'download-failed', message: 'The host answered 404.', details: {} } as const;
    renderWithStores(<TasksPanel />, makeStores({ tasks: { load, tasks: { status: 'failed', error } } }));
    expect(screen.getByRole('alert').textContent).toContain('The host answered 404.');
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('are listed by family with their size, and choosing one says what it means', () => {
    const stores = makeStores({ tasks: { tasks: SHOWN } });
    renderWithStores(<TasksPanel />, stores);
    const own = screen.getByRole('region', { name: 'Your own' });
    fireEvent.click(within(own).getByRole('button', { name: /^mine\s*1 document$/ }));
    expect(stores.tasks.getState().choice.id).toBe('mine');
    expect(screen.getByText(/Exact match: the whole answer, and then the end/)).toBeDefined();
  });

  it('show context and continuation apart, the white space between them where the model reads it', () => {
    const choice = { ...DEFAULT_TASK_CHOICE, id: 'mine' };
    renderWithStores(<TasksPanel />, makeStores({ tasks: { tasks: SHOWN, choice } }));
    const [prompt] =
      screen.getByText('First prompts, as the model reads them').parentElement?.querySelectorAll('ol > li') ?? [];
    const [context, continuation] = [...(prompt?.querySelectorAll('p, li') ?? [])].map((part) => part.textContent);
    expect(context).toBe('beginThe owl is');
    expect(continuation).toBe('  a birdend');
  });
});

describe('a run', () => {
  it('says how many answers it takes, and how many are there from before', () => {
    renderWithStores(<TasksPanel />, makeStores({ tasks: { tasks: SHOWN, progress: { done: 412, total: 1600 } } }));
    expect(screen.getByText('412 of 1,600 answers are here from before.')).toBeDefined();
    expect(screen.getByRole('button', { name: 'Go on' })).toBeDefined();
  });

  it('can be paused, resumed and stopped', () => {
    const [start, pause, stop] = [vi.fn(), vi.fn(), vi.fn()];
    const actions = { start, pause, stop, tasks: SHOWN, progress: { done: 40, total: 160 } };
    const stores = makeStores({
      tasks: { ...actions, run: { status: 'running', done: 40, total: 160, nowKey: 'idp' } },
    });
    renderWithStores(<TasksPanel />, stores);
    expect(screen.getByText('Asking IDP')).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: 'Pause' }));
    expect(pause).toHaveBeenCalledOnce();
    act(() => stores.tasks.setState({ run: { status: 'paused', done: 40, total: 160 } }));
    fireEvent.click(screen.getByRole('button', { name: 'Resume' }));
    expect(start).toHaveBeenCalledOnce();
    expect(screen.getByText('Paused at 40 of 160 answers.')).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(stop).toHaveBeenCalledOnce();
  });

  it('names each regime that was left out, with the reason, once', () => {
    const error = { code: 'input-invalid', message: 'A text cannot stand behind another text.', details: {} } as const;
    const leftOut = [
      { key: 'text', error },
      { key: 'text', error },
    ] as const;
    renderWithStores(<TasksPanel />, makeStores({ tasks: { tasks: SHOWN, leftOut } }));
    const list = screen.getByRole('list', { name: 'Left out of this run' });
    expect(within(list).getAllByRole('listitem')).toHaveLength(1);
    expect(list.textContent).toContain('Text prompt was left out: A text cannot stand behind another text.');
  });

  it('cannot begin while no engine is ready, and says what it needs', () => {
    renderWithStores(<TasksPanel />, makeStores({ tasks: { tasks: SHOWN }, engine: { engine: { status: 'off' } } }));
    expect(screen.getByRole('button', { name: 'Ask every regime' }).hasAttribute('disabled')).toBe(true);
    expect(screen.getByText(/Needs the model on your device/)).toBeDefined();
  });
});

describe('figures of a task', () => {
  it('say the metric, how many documents, how intervals were made and where it was measured', () => {
    renderWithStores(<TasksPanel />, makeStores({ tasks: { tasks: SHOWN, live: RESULTS } }));
    const figure = screen.getByRole('figure', { name: 'Four choices, by regime' });
    const text = plain(figure.textContent);
    expect(text).toContain('200 documents per regime');
    expect(text).toContain('95 % intervals over 100 subjects, cluster bootstrap');
    expect(text).toContain('measured here on Test adapter');
  });

  it('claim nothing of another task that was measured before', () => {
    const choice = { ...DEFAULT_TASK_CHOICE, id: 'mine' };
    renderWithStores(<TasksPanel />, makeStores({ tasks: { tasks: SHOWN, live: RESULTS, choice } }));
    expect(screen.getByText(/^Nothing was asked yet\. As answers come, mine is drawn here/)).toBeDefined();
    expect(screen.queryByRole('figure')).toBeNull();
    expect(screen.queryByText(/^measured here/)).toBeNull();
  });

  it('can be pointed at group by group', () => {
    renderWithStores(<TasksPanel />, makeStores({ tasks: { tasks: SHOWN, live: RESULTS } }));
    const cell = screen.getByRole('button', { name: /^animal class, Dense: 60\.0/ });
    expect(plain(cell.getAttribute('aria-label'))).toBe(
      'animal class, Dense: 60.0 %, 95 % interval 50.0 % to 70.0 %, 20 documents',
    );
    expect(screen.getByRole('button', { name: 'animal class, IDP: not measured' })).toBeDefined();
  });

  it('name a relation of the pack as it is named everywhere', () => {
    const relations = new Map([['animal_class', { ...RIVER, id: 'animal_class', label: 'Kind of an animal' }]]);
    const facts = { status: 'ready', facts: [], relations } as const;
    renderWithStores(<TasksPanel />, makeStores({ pack: { facts }, tasks: { tasks: SHOWN, live: RESULTS } }));
    expect(screen.getByRole('button', { name: /^Kind of an animal, Dense: 60\.0/ })).toBeDefined();
  });

  it('have a table with every metric, and the harness’s standard error', () => {
    expect(toTaskTable(RESULTS).map(({ cells }) => cells.map(plain))).toContainEqual([
      'Dense',
      'all',
      'acc_norm',
      '80.0 %',
      '70.0 % to 90.0 %',
      'cluster bootstrap',
      '0.020',
      '200',
      '100',
    ]);
    expect(toTaskTable(RESULTS).map(({ cells }) => cells[0])).toContain('IDP (transferred)');
    expect(toGroupTable(RESULTS, (group) => group).map(({ cells }) => cells[0])).toEqual(['animal_class']);
  });

  it('leave the page with as many cells as columns', () => {
    const { columns, rows } = toTaskExport('atlas', RESULTS);
    expect(rows).toHaveLength(4);
    for (const row of rows) expect(row).toHaveLength(columns.length);
  });
});

it('the damage that the chart shades has its interval and a paired test, by the metric that it was compared by', () => {
  const picked = [
    { key: 'compressed', exposure: 'held-out' },
    { key: 'dense', exposure: 'held-out' },
  ] as const;
  const live = { ...RESULTS, damage: makeComparisonSet({ picked }).exploratory };
  const stores = makeStores({ tasks: { tasks: SHOWN, live, choice: DEFAULT_TASK_CHOICE } });
  renderWithStores(<TasksPanel />, stores);
  const figure = screen.getByRole('figure', { name: /, by regime$/ });
  expect(plain(figure.textContent)).toMatch(
    /Damage: −\d+\.\d points \[−.*\], paired on 200 documents, p < 0\.001 by McNemar’s exact test over subjects; exploratory/,
  );
  act(() => stores.tasks.setState({ choice: { ...DEFAULT_TASK_CHOICE, metric: 'acc_norm' } }));
  expect(figure.textContent).not.toContain('Damage:');
});

it('a cell by group is held against no repair in pairs, as exploratory, once a run has ended', () => {
  const comparison = makeComparisonSet().declared.find(({ first }) => first.key === 'lora-merged');
  if (comparison === undefined) throw new Error('nothing is declared');
  const cell = makeFigure({ key: 'idp', exposure: 'held-out', group: 'city', estimate: makeEstimate(0.6, 20) });
  const [row] = toGroupTable({ ...RESULTS, figures: [{ ...cell, againstNone: comparison }] }, (group) => group);
  expect(row?.cells.slice(-2).map(plain)).toEqual([expect.stringMatching(/^\+\d+\.\d points \[.+\]$/), '< 0.001']);
  const show = (figures: readonly TaskFigure[]) => {
    const live = { ...RESULTS, figures };
    renderWithStores(<TasksPanel />, makeStores({ tasks: { tasks: SHOWN, live, choice: DEFAULT_TASK_CHOICE } }));
    const text = plain(screen.getByRole('figure', { name: 'By kind of document' }).textContent);
    cleanup();
    return text;
  };
  expect(show([...RESULTS.figures, cell])).toContain('compared with no repair once the run has ended');
  expect(show([...RESULTS.figures, { ...cell, againstNone: comparison }])).toMatch(
    /McNemar’s exact test over subjects; exploratory, unadjusted/,
  );
});

describe('paired comparisons on a task', () => {
  const render = (name: MetricName, comparisons: TaskResults['comparisons']) => {
    const live = { ...RESULTS, metric: name, comparisons };
    const choice = { ...DEFAULT_TASK_CHOICE, metric: name };
    renderWithStores(<TasksPanel />, makeStores({ tasks: { tasks: SHOWN, live, choice } }));
    return plain(screen.getByRole('figure', { name: 'Paired comparisons on this task' }).textContent);
  };
  const { declared } = makeComparisonSet();

  it('count documents, in words and in favour of whoever has more right', () => {
    const text = render('acc', declared);
    expect(text).toContain('acc of the first minus that of the second, on the same 200 documents');
    expect(text).toMatch(/favours LoRA-merged p < 0\.001, after Holm < 0\.001, 200 documents/);
    expect(text).toContain('not before the 200 documents that were set when the run began');
    expect(text).toMatch(/you would need about [\d,]+ documents/);
    expect(text).not.toContain(' items');
  });

  it('favour the lower one of two perplexities, and say by which test', () => {
    const better = declared.map((each) => ({
      ...each,
      difference: { ...each.difference, value: 0.1, low: 0.05, high: 0.2 },
    }));
    const text = render('bits_per_byte', better);
    expect(text).toContain('bits_per_byte of the first over that of the second, minus 1, on the same 200 documents');
    expect(text).toContain('p by a sign-flip test of log-likelihoods over subjects, two-sided');
    expect(text).toMatch(/\+10\.0 % \[5\.0, 20\.0\] favours no repair/);
    expect(text).toContain('left of 0: the first named is better');
  });

  it('say what is missing where there is nothing to compare', () => {
    expect(render('bits_per_byte', [])).toContain('Nothing to compare yet');
  });
});

describe('a task of one’s own', () => {
  it('is shown as it was read before it is added', () => {
    const keepDraft = vi.fn();
    const draft = { status: 'ready', name: 'mine.jsonl', entry: WRITTEN } as const;
    renderWithStores(<TasksPanel />, makeStores({ tasks: { tasks: SHOWN, draft, keepDraft } }));
    const region = screen.getByRole('region', { name: 'The task as it was read' });
    expect(region.textContent).toContain('mine, 1 document, out of mine.jsonl.');
    fireEvent.click(within(region).getByRole('button', { name: 'Add this task' }));
    expect(keepDraft).toHaveBeenCalledOnce();
  });

  it('can be pasted', async () => {
    const readFiles = vi.fn();
    renderWithStores(<TasksPanel />, makeStores({ tasks: { tasks: SHOWN, readFiles } }));
    fireEvent.change(screen.getByLabelText('One JSON object a line'), { target: { value: '{"text":"é"}' } });
    fireEvent.click(screen.getByRole('button', { name: 'Read these lines' }));
    const [[file]] = readFiles.mock.calls[0] ?? [[]];
    expect(file).toMatchObject({ path: 'pasted lines.jsonl', sizeBytes: 13 });
    expect(new TextDecoder().decode(await file.read())).toBe('{"text":"é"}');
  });

  it('names line and field where it is faulty, and can be dismissed', () => {
    const dropDraft = vi.fn();
    const error = { code: 'task-invalid', message: 'In line 2 of mine.jsonl, label is 7.', details: {} } as const;
    renderWithStores(
      <TasksPanel />,
      makeStores({ tasks: { tasks: SHOWN, dropDraft, draft: { status: 'failed', error } } }),
    );
    expect(screen.getByRole('alert').textContent).toContain('line 2 of mine.jsonl, label is 7');
    fireEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
    expect(dropDraft).toHaveBeenCalledOnce();
  });
});
