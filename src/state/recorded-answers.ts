import { packBits, unpackBits } from '../core/compress/pack-bits.ts';
import type { PlannedItem } from './evaluation-plan.ts';
import { toFingerprint } from './fingerprint.ts';

/** What was asked, so that recorded answers never stand beside other questions. */
export interface ItemsMark {
  count: number;
  /** Of ids, contexts and answers in their order. */
  fingerprint: string;
}

/** The mark of some items. */
export function toItemsMark(items: readonly PlannedItem[]): ItemsMark {
  const asked = items.map(({ id, context, answer }) => [id, context, answer].join('\t')).join('\n');
  return { count: items.length, fingerprint: toFingerprint(asked) };
}

/** Base64 of codes of `bits` bits each, as one stream. */
export function toCodesText(codes: Uint8Array, bits: number): string {
  return btoa(Array.from(packBits(codes, bits), (byte) => String.fromCharCode(byte)).join(''));
}

/** `count` codes out of what `toCodesText` wrote; null where the text is none or of another length. */
export function fromCodesText(text: string, bits: number, count: number): Uint8Array | null {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return bytes.length === Math.ceil((bits * count) / 8) ? unpackBits(bytes, bits, count) : null;
  } catch {
    return null;
  }
}
