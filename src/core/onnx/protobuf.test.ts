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

test('a message may grow far beyond the first buffer', () => {
  const writer = new ProtoWriter().field(1, new Uint8Array(100_000).fill(7)).int(2, 1);
  expect(writer.toBytes()).toHaveLength(1 + 3 + 100_000 + 2);
});
