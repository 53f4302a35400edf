import { magnitude } from './magnitude.ts';
import type { Method } from './method.ts';
import { rtn } from './rtn.ts';

/** Every way to compress, by its id, in the order a form offers them. A step only ever reaches the method of its own id. */
export const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  [magnitude.id, magnitude],
  [rtn.id, rtn],
]);
