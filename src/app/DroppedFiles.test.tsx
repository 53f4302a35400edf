import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeStores } from '../testing/make-stores.ts';
import { renderWithStores } from '../testing/render-with-stores.tsx';
import { DroppedFiles } from './DroppedFiles.tsx';
import { keepPage } from './keep-page.ts';

const RUN = new File(['{"kind":"recall-lab-run"}'], 'run.json');
const DOCUMENTS = new File(['{"question":"Who?","choices":["a","b"],"label":0}'], 'mine.jsonl');
const NOTES = new File(['a note'], 'notes.txt');

/** What a drag carries, as browsers tell it: names only once it is dropped. */
function makeTransfer(files: readonly File[], types: readonly string[] = ['Files']) {
  return { types, items: files.map((file) => ({ kind: 'file', getAsFile: () => file })) };
}

/** Whether the browser was kept from doing what it does by itself. */
function drag(type: 'dragover' | 'drop', at: Element, dataTransfer: object): boolean {
  const event = Object.assign(new Event(type, { bubbles: true, cancelable: true }), { dataTransfer });
  act(() => void at.dispatchEvent(event));
  return event.defaultPrevented;
}

function setUp(imported: string | null = 'run-1') {
  const calls = {
    importFiles: vi.fn(async () => imported),
    showImported: vi.fn(),
    setTab: vi.fn(),
    readFiles: vi.fn(),
  };
  const { importFiles, showImported, setTab, readFiles } = calls;
  renderWithStores(
    <DroppedFiles />,
    makeStores({ share: { importFiles }, view: { showImported, setTab }, tasks: { readFiles } }),
  );
  return calls;
}

beforeEach(() => keepPage(window));
afterEach(() => vi.useRealTimers());

it('hands several files dropped beside their places to where each belongs, and says so', async () => {
  const { importFiles, showImported, setTab, readFiles } = setUp();
  expect(drag('drop', document.body, makeTransfer([RUN, DOCUMENTS, NOTES]))).toBe(true);
  const status = await screen.findByRole('status');
  expect(status.textContent).toMatch(/run\.json: for “Bring a run”/);
  expect(status.textContent).toMatch(/mine\.jsonl: for “A task of your own”/);
  expect(status.textContent).toContain('"notes.txt" is no .json, .jsonl or .zip file.');
  expect(importFiles).toHaveBeenCalledExactlyOnceWith([expect.objectContaining({ path: 'run.json' })]);
  await waitFor(() => expect(showImported).toHaveBeenCalledWith('run-1'));
  expect(setTab).toHaveBeenCalledWith('tasks');
  expect(readFiles).toHaveBeenCalledExactlyOnceWith([expect.objectContaining({ path: 'mine.jsonl', sizeBytes: 49 })]);
  fireEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
  expect(screen.queryByRole('status')).toBeNull();
});

it('takes nothing of what belongs nowhere, and nothing moves', async () => {
  const { importFiles, setTab, readFiles } = setUp();
  expect(drag('drop', document.body, makeTransfer([NOTES]))).toBe(true);
  expect((await screen.findByRole('status')).textContent).toContain('"notes.txt" is no .json');
  for (const call of [importFiles, setTab, readFiles]) expect(call).not.toHaveBeenCalled();
});

it('says so when nothing of a run could be taken in, though the place that says why is out of sight', async () => {
  const { showImported } = setUp(null);
  drag('drop', document.body, makeTransfer([RUN]));
  await screen.findByText('Nothing of the run could be taken in: “Bring a run” says why.');
  expect(showImported).not.toHaveBeenCalled();
});

it('says where files will go while they are over the page, and no longer', () => {
  vi.useFakeTimers();
  setUp();
  const isTold = () => screen.queryByText('Drop anywhere on the page') !== null;
  drag('dragover', document.body, makeTransfer([]));
  expect(isTold()).toBe(true);
  act(() => void vi.advanceTimersByTime(600));
  drag('dragover', document.body, makeTransfer([]));
  act(() => void vi.advanceTimersByTime(600));
  expect(isTold()).toBe(true);
  act(() => void vi.advanceTimersByTime(200));
  expect(isTold()).toBe(false);
});

it('keeps the browser from opening a file or a link, and leaves dragged text to the box that it is dropped on', () => {
  setUp();
  const box = document.body.appendChild(document.createElement('textarea'));
  const text = makeTransfer([], ['text/plain']);
  const link = makeTransfer([], ['text/uri-list', 'text/plain']);
  expect(drag('dragover', box, makeTransfer([RUN]))).toBe(true);
  expect([drag('drop', document.body, link), drag('drop', box, link)]).toEqual([true, false]);
  expect([drag('dragover', box, text), drag('drop', document.body, text)]).toEqual([false, false]);
  box.remove();
});
