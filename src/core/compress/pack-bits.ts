/** Codes of `bits` bits each as one stream, low bits first, the last byte padded with zeros: `[ceil(codes * bits / 8)]`. */
export function packBits(codes: Uint8Array, bits: number): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(Math.ceil((codes.length * bits) / 8));
  for (let i = 0, at = 0; i < codes.length; i++, at += bits) {
    const code = (codes[i] ?? 0) << (at & 7);
    const byte = at >>> 3;
    packed[byte] = (packed[byte] ?? 0) | code;
    if ((at & 7) + bits > 8) packed[byte + 1] = code >>> 8;
  }
  return packed;
}

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
