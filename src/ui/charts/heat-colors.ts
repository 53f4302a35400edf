/** What the colours of a heat map stand for: 0 to `most`, or `-most` to `most` around 0. */
export interface HeatScale {
  kind: 'sequential' | 'diverging';
  /** Above 0; what lies beyond is drawn like it. */
  most: number;
  /** Shades go by the square root of the size: small values are told apart where few are large. False unless told. */
  isRoot?: boolean;
}

/** Red, green and blue from 0 to 255. */
type Rgb = readonly [red: number, green: number, blue: number];
type Lab = readonly [lightness: number, a: number, b: number];

/** So many shades that no eye sees a step, and a canvas parses no colour per cell. */
const SHADES = 256;

/** Shades that are perceptually even between colours as a browser computes them: straight lines in OKLab (Ottosson 2020). */
export function toShades(stops: readonly string[]): readonly string[] {
  const labs = stops.map((stop) => toLab(parseRgb(stop)));
  return Array.from({ length: SHADES }, (_, i) => {
    const at = (i / (SHADES - 1)) * (labs.length - 1);
    const before = Math.min(Math.floor(at), Math.max(0, labs.length - 2));
    const [from, to] = [labs[before] ?? [0, 0, 0], labs[before + 1] ?? labs[before] ?? [0, 0, 0]];
    const mix = (k: 0 | 1 | 2) => from[k] + (at - before) * (to[k] - from[k]);
    return `rgb(${toRgb([mix(0), mix(1), mix(2)]).join(', ')})`;
  });
}

/** Place of a value among the shades; null for what is not there. */
export function toShadeIndex(
  value: number | null | undefined,
  { kind, most, isRoot = false }: HeatScale,
): number | null {
  if (value === null || value === undefined || Number.isNaN(value)) return null;
  const linear = most > 0 ? value / most : 0;
  const share = isRoot ? Math.sign(linear) * Math.sqrt(Math.abs(linear)) : linear;
  const place = kind === 'diverging' ? (share + 1) / 2 : share;
  return Math.round(Math.min(1, Math.max(0, place)) * (SHADES - 1));
}

/** The largest size of what is there; 1 where all is 0 or nothing is there, so that a scale has two ends. */
export function toMost(values: readonly ArrayLike<number | null>[]): number {
  let most = 0;
  for (const row of values) {
    for (let i = 0; i < row.length; i += 1) {
      const size = Math.abs(row[i] ?? Number.NaN);
      if (Number.isFinite(size) && size > most) most = size;
    }
  }
  return most || 1;
}

/** OKLab lightness of a colour, 0 for black to 1 for white. */
export function toLightness(color: string): number {
  return toLab(parseRgb(color))[0];
}

/** `rgb(1, 2, 3)` as computed styles give it; black where it is none. */
function parseRgb(color: string): Rgb {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
}

function toLab(rgb: Rgb): Lab {
  const [r, g, b] = [toLinear(rgb[0]), toLinear(rgb[1]), toLinear(rgb[2])];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function toRgb([lightness, a, b]: Lab): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    toByte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    toByte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    toByte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function toLinear(byte: number): number {
  const share = byte / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function toByte(linear: number): number {
  const cut = Math.min(1, Math.max(0, linear));
  return Math.round(255 * (cut <= 0.0031308 ? cut * 12.92 : 1.055 * cut ** (1 / 2.4) - 0.055));
}
