import { unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import type { ExportFile } from '../core/export/folder.ts';
import { zipFolder } from './export-zip.ts';

const toFile = (path: string, ...values: number[]): ExportFile => ({
  path,
  sizeBytes: values.length,
  bytes: () => Uint8Array.from(values),
});

test('every file stands in the zip as it was, below the name of the folder, uncompressed', async () => {
  const zeros = new Array<number>(5000).fill(0);
  const files = [toFile('config.json', 1, 2), toFile('onnx/model.onnx', ...zeros)];
  const told: unknown[] = [];
  const zip = await zipFolder('atlas', files, {
    onProgress: ({ label, loadedBytes }) => told.push([label, loadedBytes]),
  });
  const found = unzipSync(new Uint8Array(await zip.arrayBuffer()));
  expect(Object.keys(found)).toEqual(['atlas/config.json', 'atlas/onnx/model.onnx']);
  expect([...(found['atlas/config.json'] ?? [])]).toEqual([1, 2]);
  expect(found['atlas/onnx/model.onnx']).toHaveLength(5000);
  expect(zip.size).toBeGreaterThan(5002);
  expect(told).toEqual([
    ['config.json', 0],
    ['onnx/model.onnx', 2],
  ]);
});

test('Stop ends it before the next file is made', async () => {
  const stop = new AbortController();
  const first: ExportFile = {
    ...toFile('a', 1),
    bytes: () => {
      stop.abort();
      return Uint8Array.of(1);
    },
  };
  const second: ExportFile = { ...toFile('b', 1), bytes: () => expect.unreachable('it was stopped') };
  await expect(zipFolder('x', [first, second], { signal: stop.signal })).rejects.toMatchObject({ code: 'stopped' });
});
