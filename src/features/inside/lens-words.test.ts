import { expect, test } from 'vitest';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { type LensOf, toLensPlot } from './lens-plots.ts';
import { toLensSentence } from './lens-words.ts';

function lensOf(key: RegimeKey, ranks: readonly (number | null)[]): LensOf {
  const lens = ranks.map((rank) => ({
    ranks: rank === null ? [] : [1, rank],
    logProbabilities: rank === null ? new Float32Array() : Float32Array.of(Math.log(0.5 / rank), Math.log(0.5)),
    top: [],
  }));
  return { key, lens };
}

test('the sentence says where compression loses the answer and which repairs find it again', () => {
  const sentence = toLensSentence([
    lensOf('dense', [90, 3, 1, 1]),
    lensOf('compressed', [90, 30, 9, 7]),
    lensOf('prompt', [90, 9, 4, 3]),
    lensOf('idp', [90, 9, 2, 1]),
    lensOf('lora-merged', [90, 5, 1, 1]),
  ]);
  expect(sentence).toBe(
    'The dense model has the answer from layer 2 on. Compression loses it: it ends at rank 7. ' +
      'IDP (from layer 3 on) and LoRA-merged (from layer 2 on) find it again; Prompt (rank 3) does not.',
  );
});

test('what compression kept is not said to be found again, and what was never there not to be lost', () => {
  expect(toLensSentence([lensOf('dense', [9, 1]), lensOf('compressed', [9, 1]), lensOf('idp', [9, 1])])).toBe(
    'The dense model has the answer from layer 1 on. Compression keeps it, from layer 1 on. IDP has it, from layer 1 on.',
  );
  expect(toLensSentence([lensOf('dense', [9, 4]), lensOf('compressed', [9, 8])])).toBe(
    'The dense model does not have the answer either: it ends at rank 4. Compressed, it ends at rank 8.',
  );
});

test('without a right answer nothing is said', () => {
  expect(toLensSentence([lensOf('dense', [null, null])])).toBeNull();
  expect(toLensSentence([])).toBeNull();
});

test('rank 1 stands on top of its axis, and every rank has a place on it', () => {
  const { y, lines } = toLensPlot([lensOf('dense', [900, 40, 1])], 'rank');
  expect(y.toShare(1)).toBe(1);
  expect(y.toShare(900)).toBeGreaterThanOrEqual(0);
  expect(lines[0]?.points.map(({ name }) => name)).toEqual(['after the embeddings', 'after layer 1', 'after layer 2']);
});

test('the whole answer is as likely as its tokens together', () => {
  const { lines } = toLensPlot([lensOf('dense', [1])], 'whole');
  expect(lines[0]?.points[0]?.y.value).toBeCloseTo(0.25, 6);
});
