import { toWireError } from '../core/errors.ts';
import { computeStatistic } from './statistics-calls.ts';
import type { FromStatistics, ToStatistics } from './statistics-client.ts';

/** The worker's end: one call after the other, each answered by a result or an error. */

/** The worker's scope as far as it is used here; the DOM library describes only the page's. */
declare const self: {
  postMessage(message: FromStatistics): void;
  onmessage: ((event: MessageEvent<ToStatistics>) => void) | null;
};

self.onmessage = ({ data: { id, name, input } }) => {
  try {
    self.postMessage({ id, output: computeStatistic(name, input) });
  } catch (error) {
    self.postMessage({ id, error: toWireError(error) });
  }
};
