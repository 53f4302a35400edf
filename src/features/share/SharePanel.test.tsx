import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { VERDICT_RULES } from '../../core/eval/verdict.ts';
import type { TaskResults } from '../../state/task-state.ts';
import { makeComparisonSet } from '../../testing/make-comparisons.ts';
import { makeDosePoint, makeFindings } from '../../testing/make-findings.ts';
import { IMPORTED_SOURCE, makeImportedRun } from '../../testing/make-imported-run.ts';
import { makeOutcomeSet } from '../../testing/make-outcomes.ts';
import { makeRecorded, makeResultSet } from '../../testing/make-results.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { makeTaskResults } from '../../testing/make-task-results.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { SharePanel } from './SharePanel.tsx';

const source = IMPORTED_SOURCE;
const IMPORTED = makeImportedRun(makeResultSet({ source }), { recipeLabel: 'Magnitude 60 %, per output' });
/** What the verdict weighs beside the shares of a dose. */
const OF_FATES = [
  '"displaced above shuffled answers, of lost facts"',
  '"right where seen with shuffled answers, of lost facts"',
  '"displaced minus broken, of known facts"',
];

/** What was given to be zipped, every piece of every file made. */
function readZip(writeZip: { mock: { calls: unknown[][] } }) {
  const [name, made] = writeZip.mock.calls[0] as [string, Iterable<{ path: string; content: Iterable<string> }>];
  return { name, files: [...made].map(({ path, content }) => ({ path, content: [...content].join('') })) };
}

describe('what leaves the page', () => {
  it('is not offered before anything was measured here, and the page says why', () => {
    renderWithStores(<SharePanel />);
    const button = screen.getByRole('button', { name: 'Results and samples' });
    expect(button.hasAttribute('disabled')).toBe(true);
    expect(document.getElementById(button.getAttribute('aria-describedby') ?? '')?.textContent).toMatch(/nothing yet/);
    expect(screen.getByRole('button', { name: 'This run, JSON' }).hasAttribute('disabled')).toBe(true);
  });

  it('is a run file too where tasks alone were answered, unless by the dense model alone', () => {
    const row = { key: 'dense', isTransferred: false, isOneTwin: false } as const;
    const isOff = (rows: TaskResults['rows']) => {
      renderWithStores(<SharePanel />, makeStores({ tasks: { live: makeTaskResults({ rows }) } }));
      const isDisabled = screen.getByRole('button', { name: 'This run, JSON' }).hasAttribute('disabled');
      cleanup();
      return isDisabled;
    };
    expect(isOff([row])).toBe(true);
    expect(isOff([row, { ...row, key: 'compressed' }])).toBe(false);
  });

  it('holds what imported runs answered to tasks, each row with its file', async () => {
    const writeZip = vi.fn(async () => null);
    const readAll = async () => [makeTaskResults({ source })];
    renderWithStores(<SharePanel />, makeStores({ share: { writeZip }, taskBeside: { readAll } }));
    fireEvent.click(screen.getByRole('button', { name: 'All tables, CSV' }));
    await waitFor(() => expect(writeZip).toHaveBeenCalledOnce());
    const table = readZip(writeZip).files.find(({ path }) => path === 'atlas_tasks.csv');
    expect(table?.content).toMatch(/\r\natlas-choice,.*,imported,.*,theirs\.json/);
  });

  it('holds a table per kind of figure, recorded, live and imported ones told apart', async () => {
    const writeZip = vi.fn(async () => null);
    const recorded = makeRecorded('magnitude-mild');
    const stores = makeStores({
      share: { writeZip, imported: [IMPORTED], digits: '0123abcd' },
      evaluate: { live: makeResultSet() },
      pack: { recorded: { status: 'ready', sets: [recorded] } },
    });
    renderWithStores(<SharePanel />, stores);
    fireEvent.click(screen.getByRole('button', { name: 'All tables, CSV' }));
    await waitFor(() => expect(writeZip).toHaveBeenCalledOnce());
    const { name, files } = readZip(writeZip);
    expect(name).toBe('atlas_tables.zip');
    expect(files.map(({ path }) => path)).toEqual(
      ['accuracy', 'damage', 'latency', 'sizes'].map((of) => `atlas_${of}.csv`),
    );
    const [accuracy = ''] = files.map(({ content }) => content);
    const [head = '', ...lines] = accuracy.trimEnd().split('\r\n');
    expect(head).toContain('accuracy (share),accuracy low (share),accuracy high (share),items');
    for (const kind of ['recorded', 'live', 'imported']) {
      expect(lines.filter((line) => line.includes(`,${kind},`)).length).toBeGreaterThan(0);
    }
    for (const line of lines) expect(line).toMatch(/,(recorded|live|imported),(CPU|Test)/);
    expect(lines.find((line) => line.includes(',imported,'))).toMatch(/,theirs\.json$/);
  });

  it('holds the fates with what they are held against, the dose, and comparisons with how their intervals were made', async () => {
    const writeZip = vi.fn(async () => null);
    const { set } = makeOutcomeSet();
    const of = await makeFindings(set, 'prompt');
    const points = [await makeDosePoint(set)];
    const stores = makeStores({
      share: { writeZip },
      fates: { recorded: { status: 'ready', of }, dose: { status: 'ready', points } },
      comparisons: { live: { status: 'ready', of: makeComparisonSet() } },
    });
    renderWithStores(<SharePanel />, stores);
    fireEvent.click(screen.getByRole('button', { name: 'All tables, CSV' }));
    await waitFor(() => expect(writeZip).toHaveBeenCalledOnce());
    const { files } = readZip(writeZip);
    const linesOf = (measure: string) =>
      files
        .find(({ path }) => path === `atlas_${measure}.csv`)
        ?.content.trimEnd()
        .split('\r\n') ?? [];
    const [head = '', first = '', ...others] = linesOf('facts-live');
    expect(head).toMatch(/^recipe,fact,.*,fate under prompt,fate under lora-merged,dense: right \(questions\),/);
    expect(head).toContain(
      ',lora-merged trained on A: right (questions),lora-merged trained on A: probability (share),',
    );
    expect(first).toMatch(
      /^"Magnitude [^"]*",river\/0,geography,river,City 0,River 0,A,3,never-known,never-known,0,0.1/,
    );
    expect(others).toHaveLength(set.plan.facts.length - 1);
    for (const line of others) expect(line).toMatch(/,live,/);
    expect(linesOf('comparisons')[0]).toContain('difference interval by,p,p after Holm');
    expect(linesOf('comparisons')[1]).toMatch(/,(wilson|cluster-bootstrap),/);
    expect(linesOf('fates')[0]).toContain(',"p, unadjusted",source,');
    for (const measure of ['fates', 'dose']) {
      const lines = linesOf(measure).filter((line) => line.includes(',lora-merged,'));
      const figures = [
        '"displaced, of lost facts"',
        '"displaced with shuffled answers, of lost facts"',
        '"guessed, of control facts"',
        '"owed to having seen them, of facts right where seen"',
        ...(measure === 'fates' ? OF_FATES : []),
      ];
      for (const figure of figures)
        expect(
          lines.filter((line) => line.includes(figure)),
          figure,
        ).toHaveLength(1);
    }
  });

  it('holds the comparisons of imported runs too, each side with the run that it is of', async () => {
    const writeZip = vi.fn(async () => null);
    const set = makeComparisonSet({ kind: 'imported' });
    const [against] = set.declared;
    if (against === undefined) throw new Error('nothing was declared');
    const second = { ...against.first, run: 'live' } as const;
    const exploratory = { ...against, second, isExploratory: true, adjustedP: null };
    const compareImported = async () => [{ ...set, source, exploratory }];
    renderWithStores(<SharePanel />, makeStores({ share: { writeZip }, comparisons: { compareImported } }));
    fireEvent.click(screen.getByRole('button', { name: 'All tables, CSV' }));
    await waitFor(() => expect(writeZip).toHaveBeenCalledOnce());
    const { files } = readZip(writeZip);
    const lines = files
      .find(({ path }) => path === 'atlas_comparisons.csv')
      ?.content.trimEnd()
      .split('\r\n');
    expect(lines?.[0]).toContain('first regime,first facts,first source,second regime,second facts,second source,');
    expect(lines).toHaveLength(1 + set.declared.length + 1);
    expect(lines?.[1]).toContain(',prompt,held-out,imported,compressed,held-out,imported,accuracy,');
    expect(lines?.[1]).toMatch(/,imported,Test adapter,.*,theirs\.json$/);
    expect(lines?.at(-1)).toContain(',prompt,held-out,imported,prompt,held-out,live,accuracy,');
  });

  it('says why no tables were written where comparing imported runs failed', async () => {
    const writeZip = vi.fn(async () => null);
    const compareImported = () => Promise.reject(new AppError('download-failed', 'A part of the page is missing.'));
    renderWithStores(<SharePanel />, makeStores({ share: { writeZip }, comparisons: { compareImported } }));
    fireEvent.click(screen.getByRole('button', { name: 'All tables, CSV' }));
    expect((await screen.findByRole('alert')).textContent).toContain('A part of the page is missing.');
    expect(writeZip).not.toHaveBeenCalled();
  });

  it('gives a later table of the same name a number, and says why nothing was written where further tables cannot be had', async () => {
    const writeZip = vi.fn(async () => null);
    const toTable = (measure: string) => ({
      pack: 'atlas',
      measure,
      date: null,
      columns: [{ name: 'a' }],
      rows: [[1]],
    });
    const load = vi.fn(async () => () => ['sizes', 'a.b', 'a b', 'a_b'].map(toTable));
    load.mockRejectedValueOnce(new TypeError('Failed to fetch dynamically imported module'));
    renderWithStores(<SharePanel loadFurtherTables={load} />, makeStores({ share: { writeZip } }));
    const button = screen.getByRole('button', { name: 'All tables, CSV' });
    fireEvent.click(button);
    expect((await screen.findByRole('alert')).textContent).toContain('A part of the page could not be loaded.');
    expect(writeZip).not.toHaveBeenCalled();
    fireEvent.click(button);
    await waitFor(() => expect(writeZip).toHaveBeenCalledOnce());
    expect(screen.queryByRole('alert')).toBeNull();
    const paths = readZip(writeZip).files.map(({ path }) => path);
    expect(paths.slice(-4)).toEqual(['sizes-no-2', 'a.b', 'a-b', 'a-b-no-2'].map((name) => `atlas_${name}.csv`));
  });

  it('is not written where reading imported runs for it was stopped', async () => {
    const writeZip = vi.fn(async () => null);
    const readImported = vi.fn(async () => false);
    renderWithStores(<SharePanel />, makeStores({ share: { writeZip, readImported } }));
    const button = screen.getByRole('button', { name: 'All tables, CSV' });
    fireEvent.click(button);
    await waitFor(() => expect(button.hasAttribute('disabled')).toBe(false));
    expect(readImported).toHaveBeenCalledOnce();
    expect(writeZip).not.toHaveBeenCalled();
  });

  it('has samples only while the model runs, whose own words they hold, and says so', () => {
    renderWithStores(
      <SharePanel />,
      makeStores({ share: { digits: '0123abcd' }, engine: { engine: { status: 'off' } } }),
    );
    const button = screen.getByRole('button', { name: 'Results and samples' });
    expect(button.hasAttribute('disabled')).toBe(true);
    expect(document.getElementById(button.getAttribute('aria-describedby') ?? '')?.textContent).toBe(
      'Run the model to write samples: they hold its own words',
    );
    cleanup();
    renderWithStores(<SharePanel />, makeStores({ share: { digits: '0123abcd' } }));
    expect(screen.getByRole('button', { name: 'Results and samples' }).hasAttribute('disabled')).toBe(false);
  });

  it('tells how many words the model still has to write, and can be stopped', () => {
    const stopWriting = vi.fn();
    const phase = { status: 'asking', done: 1200, total: 4800 } as const;
    renderWithStores(<SharePanel />, makeStores({ share: { digits: '0123abcd', phase, stopWriting } }));
    const meter = screen.getByRole('progressbar', { name: 'The model writes out its wrong answers' });
    expect(meter.getAttribute('aria-valuenow')).toBe('25');
    expect(screen.getByText('1,200 of 4,800')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Charts, PNG' }).hasAttribute('disabled')).toBe(true);
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(stopWriting).toHaveBeenCalledOnce();
    expect(document.activeElement?.id).toBe('share-harness');
  });

  it('says what failed', () => {
    const error = { code: 'input-invalid', message: 'Times alone are no results.', details: {} } as const;
    renderWithStores(<SharePanel />, makeStores({ share: { phase: { status: 'failed', error } } }));
    expect(screen.getByRole('alert').textContent).toContain('Times alone are no results.');
  });
});

describe('what is brought', () => {
  it('is shown as soon as it is read, pasted too', async () => {
    const importFiles = vi.fn(async () => '7');
    const stores = renderWithStores(<SharePanel />, makeStores({ share: { importFiles } }));
    fireEvent.paste(screen.getByRole('textbox', { name: 'Paste the text of a run' }), {
      clipboardData: { getData: () => '{"kind":' },
    });
    await waitFor(() => expect(stores.view.getState()).toMatchObject({ results: 'imported', importedId: '7' }));
    expect(importFiles).toHaveBeenCalledWith([expect.objectContaining({ path: 'pasted text', sizeBytes: 8 })]);
  });

  it('stands in a list with file, recipe, device and date, and can be removed', () => {
    const stores = renderWithStores(<SharePanel />, makeStores({ share: { imported: [IMPORTED] } }));
    const list = screen.getByRole('list', { name: 'Imported runs' });
    expect(list.textContent).toContain('theirs.jsonMagnitude 60 %, per output, Test adapter, 21 Nov 2026');
    fireEvent.click(within(list).getByRole('button', { name: 'Remove theirs.json' }));
    expect(stores.share.getState().imported).toEqual([]);
  });

  it('can be stopped while it is read', () => {
    const stopReading = vi.fn();
    renderWithStores(<SharePanel />, makeStores({ share: { phase: { status: 'reading' }, stopReading } }));
    expect(screen.getByText('Reading the files.').getAttribute('role')).toBe('status');
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(stopReading).toHaveBeenCalledOnce();
    expect(document.activeElement).toBe(screen.getByRole('heading', { name: 'Bring a run' }));
    cleanup();
    renderWithStores(<SharePanel />);
    expect(screen.queryByRole('button', { name: 'Stop' })).toBeNull();
  });

  it('names each file that could not be read, until that is dismissed', () => {
    const problem = (message: string) => ({ code: 'input-invalid', message, details: {} }) as const;
    renderWithStores(
      <SharePanel />,
      makeStores({ share: { problems: [problem('"a" holds nothing.'), problem('"b" is damaged.')] } }),
    );
    expect(screen.getAllByRole('alert').map((alert) => alert.textContent)).toEqual([
      expect.stringContaining('"a" holds nothing.'),
      expect.stringContaining('"b" is damaged.'),
    ]);
    fireEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
    expect(screen.queryByRole('alert')).toBeNull();
  });
});

describe('the report', () => {
  it('has device, model, figures with their intervals and how they were made', () => {
    renderWithStores(
      <SharePanel />,
      makeStores({ evaluate: { live: makeResultSet() }, share: { digits: '0123abcd' } }),
    );
    fireEvent.click(screen.getByRole('button', { name: 'Report for print' }));
    const report = screen.getByRole('dialog', { name: 'Forgotten, or only displaced?', hidden: true });
    const text = (report.textContent ?? '').replaceAll('\u00a0', ' ');
    expect(text).toContain('Measured in this browser on Test adapter, 21 Nov 2026.');
    expect(text).toContain('0.97 million parameters');
    expect(text).toContain('76.0 % [73.0, 79.0]');
    expect(text).toMatch(/exact McNemar test.*Holm/);
    expect(text).toContain('0123abcd');
  });

  it('says by which of the printed rules each verdict is drawn', async () => {
    // IDP is held against its twin of shuffled answers, which brings back nothing.
    const { set } = makeOutcomeSet({
      facts: 200,
      keys: ['idp'],
      fateOf: (i, _, isShuffled) => (i % 2 === 0 ? 'kept' : isShuffled || i > 150 ? 'lost' : 'displaced'),
    });
    const of = await makeFindings(set, 'idp');
    const stores = makeStores({ evaluate: { live: makeResultSet() }, fates: { live: { status: 'ready', of } } });
    renderWithStores(<SharePanel />, stores);
    fireEvent.click(screen.getByRole('button', { name: 'Report for print' }));
    const report = screen.getByRole('dialog', { name: 'Forgotten, or only displaced?', hidden: true });
    const [, rule] = /IDP brought back 75 of 100 lost facts it never saw .* Rule (\d)\./.exec(report.textContent) ?? [];
    const holds = VERDICT_RULES.findIndex(({ kind }) => kind === of.findings[0]?.verdict?.kind) + 1;
    expect(rule).toBe(String(holds));
    const rules = [...report.querySelectorAll('ol > li')];
    expect(rules[holds - 1]?.textContent).toContain('less than half of its gain');
  });

  it('has the paired comparisons of an imported run that is in view', () => {
    renderWithStores(
      <SharePanel />,
      makeStores({
        share: { imported: [IMPORTED] },
        view: { results: 'imported' },
        comparisons: { imported: { status: 'ready', of: makeComparisonSet({ kind: 'imported' }) } },
      }),
    );
    fireEvent.click(screen.getByRole('button', { name: 'Report for print' }));
    const report = screen.getByRole('dialog', { name: 'Forgotten, or only displaced?', hidden: true });
    const text = (report.textContent ?? '').replaceAll('\u00a0', ' ');
    expect(text).toContain('Imported from theirs.json, measured on Test adapter');
    expect(text).toContain('Paired comparisons, declared beforehand; decided from 200 items on.');
    expect(text).toContain('favours LoRA-merged');
  });
});
