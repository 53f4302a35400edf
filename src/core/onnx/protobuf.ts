/** Bytes of a message, or a function that makes them once the message is written. */
type Part = Uint8Array | { sizeBytes: number; make: () => Uint8Array };

/** Writes the wire format of protocol buffers: the part that an ONNX model needs. */
export class ProtoWriter {
  private readonly parts: Part[] = [];
  private length = 0;

  /** Bytes of the message so far; nothing is made for it. */
  get sizeBytes(): number {
    return this.length;
  }

  /** A signed or unsigned integer field (wire type 0); negative values take ten bytes. */
  int(field: number, value: number | bigint): this {
    this.varint(BigInt(field * 8));
    return this.varint(BigInt.asUintN(64, BigInt(value)));
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
    if (value instanceof ProtoWriter) {
      this.delimiter(field, value.length);
      for (const part of value.parts) this.append(part);
      return this;
    }
    const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
    return this.delimiter(field, bytes.length).append(bytes);
  }

  /** A field of `sizeBytes` raw bytes that are made when the message is written, so that large weights are held once. */
  lazyBytes(field: number, sizeBytes: number, make: () => Uint8Array): this {
    return this.delimiter(field, sizeBytes).append({ sizeBytes, make });
  }

  /** The message written so far. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      bytes.set(part instanceof Uint8Array ? part : part.make(), at);
      at += sizeOf(part);
    }
    return bytes;
  }

  private delimiter(field: number, sizeBytes: number): this {
    this.varint(BigInt(field * 8 + 2));
    return this.varint(BigInt(sizeBytes));
  }

  private varint(value: bigint): this {
    let rest = value;
    const bytes: number[] = [];
    do {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      bytes.push(rest === 0n ? low : low | 0x80);
    } while (rest !== 0n);
    return this.append(Uint8Array.from(bytes));
  }

  private append(part: Part): this {
    this.parts.push(part);
    this.length += sizeOf(part);
    return this;
  }
}

function sizeOf(part: Part): number {
  return part instanceof Uint8Array ? part.length : part.sizeBytes;
}
