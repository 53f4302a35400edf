/** The first `count` codes of a stream that `packBits` wrote. */
export function unpackBits(packed: Uint8Array, bits: number, count: number): Uint8Array<ArrayBuffer> {
  const codes = new Uint8Array(count);
  const ones = 2 ** bits - 1;
  for (let i = 0, at = 0; i < count; i++, at += bits) {
    const byte = at >>> 3;
    codes[i] = (((packed[byte] ?? 0) | ((packed[byte + 1] ?? 0) << 8)) >>> (at & 7)) & ones;
  }
  return codes;
}
