import { cleanup, fireEvent, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { LinkedRun } from '../../state/share-state.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { LinkedNote } from './LinkedNote.tsx';

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
    expect(text()).toContain('answers to the task mine cannot be compared: it is not in this browser, or asked');
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
