/** A seeded source of random numbers; the same seed gives the same numbers on every platform. */
export interface Random {
  /** A 32-bit unsigned integer. */
  bits(): number;
  /** As many of these as `out` has places, the same as one by one and sooner. */
  fill(out: Uint32Array): void;
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** A whole number from 0 to `count - 1`; no one is likelier than another by more than `count / 2^32`. */
  integer(count: number): number;
}

/** Four non-zero 32-bit words. */
export type RandomState = readonly [number, number, number, number];

/** xoshiro128** (Blackman and Vigna 2018, arXiv 1805.01407), its state filled from the seed by SplitMix32. */
export function seededRandom(seed: number): Random {
  let word = seed | 0;
  const next = () => {
    word = (word + 0x9e3779b9) | 0;
    let mixed = word ^ (word >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  return randomFrom([next(), next(), next(), next()]);
}

/** xoshiro128** from a given state. */
export function randomFrom(state: RandomState): Random {
  // Chromium makes an object for every number of 32 bits that closures share as a variable: ten times the time of all else here.
  const words = Int32Array.from(state);
  const single = new Uint32Array(1);
  const fill = (out: Uint32Array) => {
    let a = words[0] ?? 0;
    let b = words[1] ?? 0;
    let c = words[2] ?? 0;
    let d = words[3] ?? 0;
    for (let i = 0; i < out.length; i++) {
      out[i] = Math.imul(rotate(Math.imul(b, 5), 7), 9);
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = rotate(d, 11);
    }
    words[0] = a;
    words[1] = b;
    words[2] = c;
    words[3] = d;
  };
  const bits = () => {
    fill(single);
    return single[0] ?? 0;
  };
  const uniform = () => ((bits() >>> 5) * 2 ** 26 + (bits() >>> 6)) * 2 ** -53;
  return { bits, fill, uniform, integer: (count) => toInteger(bits(), count) };
}

/** What `integer` makes of 32 random bits. */
export function toInteger(bits: number, count: number): number {
  return Math.floor(bits * 2 ** -32 * count);
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/** A standard normal number by the Box-Muller transform. */
export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
  return radius * Math.cos(2 * Math.PI * random.uniform());
}

/** A copy in random order (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}
