import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FATES } from '../core/eval/fates.ts';

const TOKENS = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

/** What eyes without one kind of cone see, in linear RGB (Machado, Oliveira and Fernandes 2009, severity 1). */
const EYES = {
  usual: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
} as const;

/** A clear step of lightness in grey, of 100, and a clear difference of colours (CIE 1976); of 1 to 2 is just seen. */
const LEAST_LIGHTNESS = 11;
const LEAST_DIFFERENCE = 17;

type Triple = readonly [number, number, number];

function readColors(scheme: 0 | 1): Map<string, Triple> {
  return new Map(
    FATES.map((fate) => {
      const found = new RegExp(`--fate-${fate}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(TOKENS);
      const hex = found?.[scheme + 1] ?? '';
      const linear = [1, 3, 5].map((at) => {
        const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
      return [fate, linear as unknown as Triple] as const;
    }),
  );
}

function see([r, g, b]: Triple, m: readonly number[]): Triple {
  const row = (i: number) => Math.min(1, Math.max(0, (m[i] ?? 0) * r + (m[i + 1] ?? 0) * g + (m[i + 2] ?? 0) * b));
  return [row(0), row(3), row(6)];
}

/** CIE L*a*b* of linear sRGB, white D65. */
function toLab([r, g, b]: Triple): Triple {
  const curve = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);
  const x = curve((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = curve(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = curve((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** Pairs of fates; those of never known and kept apart, for the former is drawn as an outline. */
function toPairs(colors: Map<string, Triple>) {
  const all = [...colors];
  return all.flatMap(([one, a], i) =>
    all
      .slice(i + 1)
      .filter(([other]) => !(one === 'never-known' && other === 'kept'))
      .map(([other, b]) => ({ name: `${one} and ${other}`, a, b })),
  );
}

describe.each([
  ['light', 0],
  ['dark', 1],
] as const)('the colours of fates on a %s page', (_, scheme) => {
  const pairs = toPairs(readColors(scheme));

  it('differ in lightness, so that they can be told apart in grey', () => {
    for (const { name, a, b } of pairs) {
      expect(Math.abs(toLab(a)[0] - toLab(b)[0]), name).toBeGreaterThan(LEAST_LIGHTNESS);
    }
  });

  it.each(Object.entries(EYES))('can be told apart with %s vision', (_name, matrix) => {
    for (const { name, a, b } of pairs) {
      const [one, other] = [toLab(see(a, matrix)), toLab(see(b, matrix))];
      expect(Math.hypot(...one.map((value, i) => value - (other[i] ?? 0))), name).toBeGreaterThan(LEAST_DIFFERENCE);
    }
  });
});
