import { findFirst, worstRank } from '../../core/inside/lens.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { formatCount, formatProbability } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { type LensOf, readLens, toLayerName } from './lens-plots.ts';

/** The rule that the sentence goes by, printed beside it. */
export const LENS_RULE =
  'Rule: a regime has the answer from the first layer from which on every token of it, end token included, ranks 1 behind those before it; the rank told of an answer is that of its worst token.';

/** Where compression loses the answer and which repairs find it again, by `LENS_RULE`; null where no answer is known or nothing was looked into. */
export function toLensSentence(regimes: readonly LensOf[]): string | null {
  const known = regimes.filter(({ lens }) => lens.length > 0 && lens.every((layer) => worstRank(layer) !== null));
  const found = new Map(
    known.map(({ key, lens }) => {
      const last = lens.at(-1);
      return [key, { place: findFirst(lens), rank: last === undefined ? null : worstRank(last) }];
    }),
  );
  if (found.size === 0) return null;
  const repairs = known.map(({ key }) => key).filter((key) => key !== 'dense' && key !== 'compressed');
  return [toDenseText(found), toCompressedText(found), toRepairsText(found, repairs)].filter(Boolean).join(' ');
}

/** How likely the whole answer is after the last layer. */
export function toWholeText(regimes: readonly LensOf[]): string {
  const ends = regimes.flatMap(({ key, lens }) => {
    const last = lens.at(-1);
    return last === undefined ? [] : [`${toRegimeLook(key).label} ${formatProbability(readLens(last, 'whole'))}`];
  });
  return `The whole answer after the last layer: ${ends.join(', ')}.`;
}

type Found = ReadonlyMap<RegimeKey, { place: number | null; rank: number | null }>;

function toDenseText(found: Found): string {
  const dense = found.get('dense');
  if (dense === undefined) return '';
  if (dense.place === null) {
    return `The dense model does not have the answer either: it ends at rank ${formatCount(dense.rank)}.`;
  }
  return `The dense model has the answer from ${toLayerName(dense.place)} on.`;
}

function toCompressedText(found: Found): string {
  const compressed = found.get('compressed');
  if (compressed === undefined) return '';
  if (compressed.place !== null) return `Compression keeps it, from ${toLayerName(compressed.place)} on.`;
  const verb = found.get('dense')?.place === null ? 'Compressed, it' : 'Compression loses it: it';
  return `${verb} ends at rank ${formatCount(compressed.rank)}.`;
}

/** `IDP (from layer 3 on) and Prefix (from layer 4 on) find it again; Prompt does not (rank 7).` */
function toRepairsText(found: Found, repairs: readonly RegimeKey[]): string {
  const isLost = found.get('compressed')?.place === null;
  const having = repairs.flatMap((key) => {
    const place = found.get(key)?.place ?? null;
    return place === null ? [] : [{ label: toRegimeLook(key).label, from: `from ${toLayerName(place)} on` }];
  });
  const lacking = repairs
    .filter((key) => (found.get(key)?.place ?? null) === null)
    .map((key) => `${toRegimeLook(key).label} (rank ${formatCount(found.get(key)?.rank ?? null)})`);
  const parts = [
    having.length === 0 ? '' : toHavingText(having, isLost),
    lacking.length === 0 ? '' : `${toList(lacking)} ${lacking.length === 1 ? 'does not' : 'do not'}`,
  ].filter(Boolean);
  return parts.length === 0 ? '' : `${parts.join('; ')}.`;
}

function toHavingText(having: readonly { label: string; from: string }[], isLost: boolean): string {
  const [first] = having;
  const verb = having.length === 1 ? 'finds it again' : 'find it again';
  const does = isLost ? verb : having.length === 1 ? 'has it' : 'have it';
  if (first !== undefined && having.every(({ from }) => from === first.from)) {
    return `${toList(having.map(({ label }) => label))} ${does}, ${first.from}`;
  }
  return `${toList(having.map(({ label, from }) => `${label} (${from})`))} ${does}`;
}

function toList(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
