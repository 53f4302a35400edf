import { expect, test } from 'vitest';
import { type GivenFile, readGivenFiles } from './given-file.ts';

const LIMITS = { maxFiles: 2, maxBytes: 10 };
const GOOD: GivenFile = { path: 'good.json', sizeBytes: 3, read: async () => Uint8Array.of(1, 2, 3) };

test.each<[string, GivenFile, RegExp]>([
  [
    'a huge file',
    { path: 'h.json', sizeBytes: 11, read: async () => new Uint8Array(11) },
    /"h\.json" has 11 bytes.*10/,
  ],
  [
    'a folder, or a file that changed',
    { path: 'f', sizeBytes: 0, read: () => Promise.reject(new Error('NotReadableError')) },
    /"f" could not be read: it was changed, moved or locked meanwhile, or is a folder/,
  ],
  [
    'a file that was cut short while it was read',
    { path: 's.json', sizeBytes: 9, read: async () => new Uint8Array(3) },
    /"s\.json" could not be read: it was changed/,
  ],
])('%s costs only itself, by its name', async (_, file, problem) => {
  const { read, problems } = await readGivenFiles([file, GOOD], LIMITS);
  expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(problem)]);
  expect(read).toEqual([{ path: 'good.json', bytes: Uint8Array.of(1, 2, 3) }]);
});

test('more files than anybody chooses on purpose are not read at all', async () => {
  const { read, problems } = await readGivenFiles([GOOD, GOOD, GOOD], LIMITS);
  expect(read).toEqual([]);
  expect(problems[0]?.message).toMatch(/3 files.*at most 2/);
});
