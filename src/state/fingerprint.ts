/** A short text that differs, for all purposes of a cache key, where the input differs (FNV-1a, twice 32 bits). */
export function toFingerprint(text: string): string {
  let one = 0x811c9dc5;
  let two = 0x050c5d1f;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    one = Math.imul(one ^ code, 0x01000193);
    two = Math.imul(two ^ code ^ (one >>> 7), 0x01000193);
  }
  return [one, two].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
