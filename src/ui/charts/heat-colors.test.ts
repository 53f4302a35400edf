import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { toLightness, toMost, toShadeIndex, toShades } from './heat-colors.ts';

const STYLES = readFileSync(new URL('./CanvasHeatMap.module.css', import.meta.url), 'utf8');

/** A colour of the style sheet as a browser computes it. */
function readColor(name: string, scheme: 0 | 1): string {
  const found = new RegExp(`--shade-${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(STYLES);
  const hex = found?.[scheme + 1] ?? '';
  return `rgb(${[1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(', ')})`;
}

describe.each([
  ['light', 0],
  ['dark', 1],
] as const)('the colours of %s', (_, scheme) => {
  const read = (names: readonly string[]) => toShades(names.map((name) => readColor(name, scheme)));

  it('run evenly in lightness from the least to the most, so that they can be read in grey', () => {
    const lightness = read(['least', 'middle', 'most']).map(toLightness);
    const total = (lightness.at(-1) ?? 0) - (lightness[0] ?? 0);
    expect(Math.abs(total)).toBeGreaterThan(0.55);
    for (let i = 32; i < lightness.length; i += 32) {
      const share = ((lightness[i] ?? 0) - (lightness[0] ?? 0)) / total;
      expect(Math.abs(share - i / (lightness.length - 1))).toBeLessThan(0.02);
    }
  });

  it('go as far from nothing below as above it', () => {
    const shades = read(['below', 'none', 'above']).map(toLightness);
    const [below = 0, none = 0, above = 0] = [shades[0], shades[128], shades.at(-1)];
    expect(Math.abs(below - none)).toBeGreaterThan(0.4);
    expect(Math.abs(below - above)).toBeLessThan(0.06);
  });
});

test('shades begin and end at their colours', () => {
  const shades = toShades(['rgb(255, 255, 255)', 'rgb(10, 20, 200)']);
  expect([shades[0], shades.at(-1)]).toEqual(['rgb(255, 255, 255)', 'rgb(10, 20, 200)']);
});

test('a value has its place between the ends of the scale; what lies beyond has the end’s', () => {
  expect(toShadeIndex(0, { kind: 'sequential', most: 0.5 })).toBe(0);
  expect(toShadeIndex(0.5, { kind: 'sequential', most: 0.5 })).toBe(255);
  expect(toShadeIndex(7, { kind: 'sequential', most: 0.5 })).toBe(255);
  expect(toShadeIndex(0, { kind: 'diverging', most: 2 })).toBe(128);
  expect(toShadeIndex(-2, { kind: 'diverging', most: 2 })).toBe(0);
});

test('by the square root a quarter of the end has the middle shade, on either side of nothing', () => {
  expect(toShadeIndex(0.25, { kind: 'sequential', most: 1, isRoot: true })).toBe(128);
  expect(toShadeIndex(-0.25, { kind: 'diverging', most: 1, isRoot: true })).toBe(64);
});

test('what is not there has no shade and does not stretch the scale', () => {
  expect(toShadeIndex(Number.NaN, { kind: 'sequential', most: 1 })).toBeNull();
  expect(toShadeIndex(null, { kind: 'sequential', most: 1 })).toBeNull();
  expect(toMost([[null, -0.5], Float32Array.of(Number.NaN, 0.25), [Number.POSITIVE_INFINITY]])).toBe(0.5);
  expect(toMost([])).toBe(1);
});
