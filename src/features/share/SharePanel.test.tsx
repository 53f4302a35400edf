import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { LinkedRun } from '../../state/share-state.ts';
import { makeComparisonSet } from '../../testing/make-comparisons.ts';
import { makeDosePoint, makeFindings } from '../../testing/make-findings.ts';
import { makeOutcomeSet } from '../../testing/make-outcomes.ts';
import { makeRecorded, makeResultSet } from '../../testing/make-results.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { LinkedNote } from './LinkedNote.tsx';
import { SharePanel } from './SharePanel.tsx';

const source = { ...makeResultSet().source, kind: 'imported', fileName: 'theirs.json' } as const;
const IMPORTED = {
  id: '1',
  fileName: 'theirs.json',
  recipeLabel: 'Magnitude 60 %, per output',
  source,
  results: makeResultSet({ source }),
};
const LINKED: LinkedRun = {
  digits: '0123abcd',
  device: 'A laptop',
  isOtherDevice: false,
  isOtherEngine: false,
  comparison: toCompared({ task: null, items: 200, comparison: { status: 'unmeasured', total: 1600 } }),
};

type Compared = Extract<LinkedRun['comparison'], { status: 'compared' }>;

function toCompared(...parts: Compared['parts']): Compared {
  return { status: 'compared', parts, isOtherText: false };
}

/** The questions about facts, and the task of the link. */
const ofFacts = (comparison: Compared['parts'][number]['comparison']) => ({ task: null, items: 200, comparison });
const ofTask = (comparison: Compared['parts'][number]['comparison']) => ({ task: 'mine', items: 40, comparison });

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
    for (const measure of ['fates', 'dose']) {
      const lines = linesOf(measure).filter((line) => line.includes(',lora-merged,'));
      const figures = [
        '"displaced, of lost facts"',
        '"displaced with shuffled answers, of lost facts"',
        '"guessed, of control facts"',
      ];
      for (const figure of figures)
        expect(
          lines.filter((line) => line.includes(figure)),
          figure,
        ).toHaveLength(1);
    }
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
});

describe('the linked run', () => {
  const DIFFERING = { key: 'idp', fold: 'A', items: 3, isAtLeast: false } as const;
  const show = (changes: Partial<LinkedRun>, share: object = {}) =>
    renderWithStores(<LinkedNote />, makeStores({ share: { linked: { ...LINKED, ...changes }, ...share } }));
  const text = () => screen.getByRole('status').textContent;

  it('that nothing was measured of is run by a button', () => {
    const runLinked = vi.fn();
    show({}, { runLinked });
    expect(text()).toBe('Nothing measured here yet. The linked run has fingerprint 0123abcd and was made on A laptop.');
    fireEvent.click(screen.getByRole('button', { name: 'Run the same 200 items' }));
    expect(runLinked).toHaveBeenCalledWith('facts');
  });

  it('has a button for its task too, and none for one that is not here', () => {
    const runLinked = vi.fn();
    show(
      { comparison: toCompared(ofFacts({ status: 'same' }), ofTask({ status: 'partial', done: 3, total: 40 })) },
      { runLinked },
    );
    expect(screen.getAllByRole('button').map((button) => button.textContent)).toEqual([
      'Run the same 40 documents of mine',
      'Put away',
    ]);
    fireEvent.click(screen.getByRole('button', { name: 'Run the same 40 documents of mine' }));
    expect(runLinked).toHaveBeenCalledWith('task');
    cleanup();
    show({ comparison: toCompared(ofTask({ status: 'missing' })) });
    expect(screen.queryByRole('button', { name: /^Run/ })).toBeNull();
    expect(text()).toContain('answers to the task mine cannot be compared: it is not in this browser.');
  });

  it.each<[Partial<LinkedRun>, string]>([
    [
      { comparison: toCompared(ofFacts({ status: 'same' })) },
      'Same as the linked run. The linked run has fingerprint 0123abcd and was made on A laptop.',
    ],
    [
      { comparison: toCompared(ofFacts({ status: 'same' })), isOtherDevice: true, isOtherEngine: true },
      'Same as the linked run. The linked run has fingerprint 0123abcd and was made on A laptop, another device than here, another version of the engine than here.',
    ],
    [
      { comparison: toCompared(ofFacts({ status: 'differs', regimes: [DIFFERING] })) },
      'Not the same as the linked run. IDP (trained on fold A): 3 items. The linked run has fingerprint 0123abcd and was made on A laptop.',
    ],
    [
      { comparison: toCompared(ofFacts({ status: 'same' }), ofTask({ status: 'differs', regimes: [DIFFERING] })) },
      'Same as the linked run in the answers about facts. Not the same as the linked run in the answers to the task mine. IDP (trained on fold A): 3 documents. The linked run has fingerprint 0123abcd and was made on A laptop.',
    ],
    [
      { comparison: { ...toCompared(ofFacts({ status: 'same' })), isOtherText: true } },
      'Same as the linked run. Its text prompt is another one than here, so that regime is not compared. The linked run has fingerprint 0123abcd and was made on A laptop.',
    ],
    [
      { comparison: { status: 'other-recipe', linkedLabel: 'RTN 2 bit' } },
      'The linked run is of another recipe. It is of RTN 2 bit. The linked run has fingerprint 0123abcd and was made on A laptop.',
    ],
  ])('is told in words: %j', (changes, words) => {
    show(changes);
    expect(text()).toBe(words);
  });

  it('can be put away', () => {
    const stores = show({});
    fireEvent.click(screen.getByRole('button', { name: 'Put away the linked run' }));
    expect(stores.share.getState().linked).toBeNull();
  });
});
