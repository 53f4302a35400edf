import { readFileSync } from 'node:fs';
import { parseCheckpoint } from '../core/checkpoint/parse.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import { parseSafetensors, toTensor } from '../core/safetensors/parse.ts';

/** The tiny model of `training/make_fixtures.py` with PyTorch's answers, as the engine's tests read it. */
const FOLDER = new URL('./fixtures/tiny/', import.meta.url);

/** Bytes of a file of the fixture. */
export function readFixture(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(path, FOLDER)));
}

export interface GoldenIds {
  sequence: number[];
  short: number[];
  target: number[];
}

/** The model, its golden tensors by name, and the ids and recipes that they belong to. */
export function readTinyModel() {
  const checkpoint = parseCheckpoint(readFixture('config.json'), [readFixture('model.safetensors')]);
  const stored = parseSafetensors(readFixture('golden.safetensors'));
  const document = JSON.parse(new TextDecoder().decode(readFixture('golden.json'))) as {
    ids: GoldenIds;
    recipes: Record<string, Recipe>;
  };
  const golden = (name: string): Float32Array => {
    const tensor = stored.tensors.get(name);
    if (tensor === undefined) throw new Error(`There is no golden tensor ${name}.`);
    return toTensor(tensor).data;
  };
  const recipe = (name: string): Recipe => {
    const found = document.recipes[name];
    if (found === undefined) throw new Error(`There is no golden recipe ${name}.`);
    return found;
  };
  return { checkpoint, ids: document.ids, golden, recipe };
}

/** Largest absolute difference; infinite where the lengths differ or a value is not a number. */
export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] ?? Number.NaN) - (b[i] ?? Number.NaN));
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return largest;
}
