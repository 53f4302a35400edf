/** Writes the wire format of protocol buffers: the part that an ONNX model needs. */
export class ProtoWriter {
  private bytes = new Uint8Array(256);
  private length = 0;

  /** A signed or unsigned integer field (wire type 0); negative values take ten bytes. */
  int(field: number, value: number | bigint): this {
    this.varint(BigInt(field * 8));
    this.varint(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  /** A 32-bit float field (wire type 5). */
  float(field: number, value: number): this {
    this.varint(BigInt(field * 8 + 5));
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.append(bytes);
  }

  /** A length-delimited field (wire type 2): raw bytes, text or a nested message. */
  field(field: number, value: Uint8Array | string | ProtoWriter): this {
    const bytes =
      typeof value === 'string'
        ? new TextEncoder().encode(value)
        : value instanceof ProtoWriter
          ? value.toBytes()
          : value;
    this.varint(BigInt(field * 8 + 2));
    this.varint(BigInt(bytes.length));
    return this.append(bytes);
  }

  /** The message written so far. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }

  private varint(value: bigint): void {
    let rest = value;
    const bytes: number[] = [];
    do {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      bytes.push(rest === 0n ? low : low | 0x80);
    } while (rest !== 0n);
    this.append(Uint8Array.from(bytes));
  }

  private append(more: Uint8Array): this {
    const needed = this.length + more.length;
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(more, this.length);
    this.length = needed;
    return this;
  }
}
