import { expect, test } from 'vitest';
import { ProtoWriter } from './protobuf.ts';

test('integers are written as the specification of protocol buffers shows', () => {
  // Its own example: field 1 with the value 150 is 08 96 01.
  expect([...new ProtoWriter().int(1, 150).toBytes()]).toEqual([0x08, 0x96, 0x01]);
  expect([...new ProtoWriter().int(20, 7).toBytes()]).toEqual([0xa0, 0x01, 0x07]);
});

test('negative integers take ten bytes', () => {
  const bytes = [...new ProtoWriter().int(3, -1).toBytes()];
  expect(bytes).toEqual([0x18, ...new Array<number>(9).fill(0xff), 0x01]);
});

test('text, nested messages and floats carry their wire type', () => {
  // The specification's examples: "testing" in field 2, and a message {1: 150} in field 3.
  expect([...new ProtoWriter().field(2, 'testing').toBytes()].slice(0, 3)).toEqual([0x12, 0x07, 0x74]);
  expect([...new ProtoWriter().field(3, new ProtoWriter().int(1, 150)).toBytes()]).toEqual([
    0x1a, 0x03, 0x08, 0x96, 0x01,
  ]);
  expect([...new ProtoWriter().float(2, 1).toBytes()]).toEqual([0x15, 0x00, 0x00, 0x80, 0x3f]);
});

test('a message may be large', () => {
  const writer = new ProtoWriter().field(1, new Uint8Array(100_000).fill(7)).int(2, 1);
  expect(writer.toBytes()).toHaveLength(1 + 3 + 100_000 + 2);
});

test('bytes that are made late are counted before, and stand where they would have stood', () => {
  let made = 0;
  const late = new ProtoWriter().lazyBytes(1, 3, () => Uint8Array.of(++made, 8, 9));
  const outer = new ProtoWriter().field(2, late).int(3, 1);
  expect(outer.sizeBytes).toBe(2 + 2 + 3 + 2);
  expect(made).toBe(0);
  const early = new ProtoWriter().field(1, Uint8Array.of(1, 8, 9));
  expect([...outer.toBytes()]).toEqual([...new ProtoWriter().field(2, early).int(3, 1).toBytes()]);
});
