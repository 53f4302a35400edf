import fc, { type IAsyncProperty, type IProperty } from 'fast-check';

/** One seed for all properties, so that a failure in one place is a failure in every place. */
const SEED = 20_231;

/** Examples per property; the soak tries ten times as many. */
const RUNS = process.env.RECALL_SOAK === '1' ? 1000 : 100;

/** Checks a property on seeded examples. */
export function checkProperty<T>(property: IProperty<T>, runs = RUNS): void {
  fc.assert(property, { seed: SEED, numRuns: runs });
}

/** Checks an asynchronous property on seeded examples. */
export async function checkAsyncProperty<T>(property: IAsyncProperty<T>, runs = RUNS): Promise<void> {
  await fc.assert(property, { seed: SEED, numRuns: runs });
}
