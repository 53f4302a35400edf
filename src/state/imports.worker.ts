import { toWireError } from '../core/errors.ts';
import { readImports } from './imported-runs.ts';
import type { FromReader, ToReader } from './runs-reader.ts';

/** The worker's end: the runs in one handful of files. */

/** The worker's scope as far as it is used here; the DOM library describes only the page's. */
declare const self: {
  postMessage(message: FromReader, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToReader>) => void) | null;
};

self.onmessage = ({ data: { files, place } }) => {
  readImports(files, place).then(
    (read) =>
      self.postMessage(
        read,
        read.kept.map(({ bytes }) => bytes.buffer),
      ),
    (error: unknown) => self.postMessage({ error: toWireError(error) }),
  );
};
self.postMessage('ready');
