import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { expectAppError } from '../../testing/expect-error.ts';
import { makeRawSafetensors, makeSafetensors, mutateBytes } from '../../testing/make-safetensors.ts';
import { AppError } from '../errors.ts';
import { DTYPE_BYTES } from '../tensor/convert.ts';
import type { Dtype } from '../tensor/tensor.ts';
import { buildSafetensors, type TensorToStore } from './build.ts';
import { MAX_HEADER_BYTES, parseSafetensors, toTensor } from './parse.ts';

const entry = (dtype: string, shape: unknown, begin: number, end: number) =>
  JSON.stringify({ dtype, shape, data_offsets: [begin, end] });
const header = (...entries: [string, string][]) =>
  `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
const accepts = (bytes: Uint8Array) => [...parseSafetensors(bytes).tensors.keys()];
const rejects = (bytes: Uint8Array) => expectAppError(() => parseSafetensors(bytes), 'safetensors-invalid');

const F32_PAIR = entry('F32', [2], 0, 8);

describe('the length before the header', () => {
  it('rejects an empty file and accepts the smallest valid one', () => {
    expect(rejects(new Uint8Array()).details).toMatchObject({ observed: 0, allowed: 8 });
    expect(accepts(makeRawSafetensors('{}', 0))).toEqual([]);
  });

  it('rejects a file of seven bytes', () => {
    expect(rejects(new Uint8Array(7)).details.observed).toBe(7);
  });

  it('rejects a header of length 0, which lacks its brace', () => {
    expect(rejects(new Uint8Array(8)).message).toContain('"{"');
  });

  it.each([2n ** 63n, 2n ** 64n - 1n, 2n ** 53n + 1n, BigInt(MAX_HEADER_BYTES) + 1n])(
    'rejects the absurd length %d and names it',
    (length) => {
      const error = rejects(makeRawSafetensors(header(['a', F32_PAIR]), 8, length));
      expect(error.message).toContain(String(length));
      expect(error.details.allowed).toBe(MAX_HEADER_BYTES);
    },
  );

  it('rejects a length one byte beyond the file and accepts one that ends with it', () => {
    const text = '{}';
    expect(rejects(makeRawSafetensors(text, 0, 3n)).details).toMatchObject({ observed: 3, allowed: 2 });
    expect(accepts(makeRawSafetensors(text, 0, 2n))).toEqual([]);
  });
});

describe('the text of the header', () => {
  it('rejects bad UTF-8 and accepts good UTF-8 in the same place', () => {
    const text = new TextEncoder().encode(header(['é', F32_PAIR]));
    expect(accepts(makeRawSafetensors(text, 8))).toEqual(['é']);
    const bad = new Uint8Array(text);
    bad[bad.indexOf(0xc3) + 1] = 0x28;
    expect(rejects(makeRawSafetensors(bad, 8)).message).toContain('UTF-8');
  });

  it('rejects a byte order mark and accepts the same header without it', () => {
    const text = header(['a', F32_PAIR]);
    expect(rejects(makeRawSafetensors(`\uFEFF${text}`, 8)).details.observed).toBe(0xef);
    expect(accepts(makeRawSafetensors(text, 8))).toEqual(['a']);
  });

  it.each(['[]', ' {}', '"a"', 'null', '1'])('rejects %j, which does not start with a brace', (text) => {
    rejects(makeRawSafetensors(text, 0));
  });

  it('rejects broken JSON and accepts spaces after whole JSON', () => {
    rejects(makeRawSafetensors(header(['a', F32_PAIR]).slice(0, -1), 8));
    rejects(makeRawSafetensors(`${header(['a', F32_PAIR])}}`, 8));
    expect(accepts(makeRawSafetensors(`${header(['a', F32_PAIR])}     `, 8))).toEqual(['a']);
  });

  it('rejects nesting without end before it is parsed and accepts that of a tensor', () => {
    expect(rejects(makeRawSafetensors(`{"a":${'['.repeat(100_000)}`, 0)).message).toContain('nests');
    rejects(makeRawSafetensors(header(['a', '{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}']), 8));
    expect(accepts(makeRawSafetensors(header(['a', '{"dtype":"F32","shape":[2],"data_offsets":[0,8]}']), 8))).toEqual([
      'a',
    ]);
  });

  it('rejects a name given twice, even spelt differently, and accepts two names', () => {
    const second = entry('F32', [2], 8, 16);
    expect(accepts(makeRawSafetensors(header(['a', F32_PAIR], ['b', second]), 16))).toEqual(['a', 'b']);
    expect(rejects(makeRawSafetensors(header(['a', F32_PAIR], ['a', second]), 16)).details.field).toBe('a');
    rejects(makeRawSafetensors(`{"a":${F32_PAIR},"\\u0061":${second}}`, 16));
    rejects(makeRawSafetensors('{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 8));
  });

  it('accepts braces, colons and quotes inside a name', () => {
    expect(accepts(makeRawSafetensors(header(['{"x":[[[[1]]]]}\\', F32_PAIR]), 8))).toEqual(['{"x":[[[[1]]]]}\\']);
  });

  it.each(['__proto__', 'constructor', 'toString', ''])('accepts a tensor named %j like any other', (name) => {
    const file = parseSafetensors(makeRawSafetensors(`{"${name}":${F32_PAIR}}`, 8));
    expect(file.tensors.get(name)?.shape).toEqual([2]);
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
  });

  it('rejects metadata that holds anything but texts and accepts texts', () => {
    const file = parseSafetensors(makeRawSafetensors('{"__metadata__":{"format":"pt"}}', 0));
    expect(file.metadata.get('format')).toBe('pt');
    rejects(makeRawSafetensors('{"__metadata__":{"format":1}}', 0));
    rejects(makeRawSafetensors('{"__metadata__":[]}', 0));
  });
});

describe('a tensor of the header', () => {
  it('rejects an unknown dtype by its name and accepts every known one', () => {
    expect(rejects(makeRawSafetensors(header(['w', entry('F8_E4M3', [2], 0, 2)]), 2)).message).toContain('F8_E4M3');
    rejects(makeRawSafetensors(header(['w', entry('toString', [2], 0, 2)]), 2));
    for (const [dtype, size] of Object.entries(DTYPE_BYTES)) {
      expect(accepts(makeRawSafetensors(header(['w', entry(dtype, [3], 0, 3 * size)]), 3 * size))).toEqual(['w']);
    }
  });

  it('rejects a size that differs from shape times dtype, with both numbers', () => {
    const error = rejects(makeRawSafetensors(header(['w', entry('F32', [3], 0, 8)]), 8));
    expect(error.details).toMatchObject({ field: 'w', observed: 8, allowed: 12 });
    expect(accepts(makeRawSafetensors(header(['w', entry('F32', [3], 0, 12)]), 12))).toEqual(['w']);
  });

  it('rejects a shape whose product overflows, also where it would wrap to the right size', () => {
    rejects(makeRawSafetensors(header(['w', entry('F32', [2 ** 32, 2 ** 32], 0, 0)]), 0));
    rejects(makeRawSafetensors(header(['w', entry('U8', [2 ** 32, 2 ** 21], 0, 8)]), 8));
    expect(accepts(makeRawSafetensors(header(['w', entry('F32', [2 ** 32, 2 ** 32, 0], 0, 0)]), 0))).toEqual(['w']);
  });

  it.each(['[-1]', '[1.5]', '["2"]', '[null]', '{}', 'null', '[1e400]', '[-0]'])('rejects the shape %s', (shape) => {
    rejects(makeRawSafetensors(`{"w":{"dtype":"U8","shape":${shape},"data_offsets":[0,1]}}`, 1));
  });

  it.each(['[0]', '[0,1,2]', '[1,0]', '[-1,0]', '[0.5,1]', '"01"', 'null', '[0,1e300]'])(
    'rejects the offsets %s',
    (offsets) => {
      rejects(makeRawSafetensors(`{"w":{"dtype":"U8","shape":[1],"data_offsets":${offsets}}}`, 1));
    },
  );

  it.each(['null', '1', '"x"', '[]', '{}'])('rejects %s in place of a description', (value) => {
    rejects(makeRawSafetensors(`{"w":${value}}`, 0));
  });

  it('accepts scalars and tensors of no elements anywhere in the data', () => {
    const text = header(
      ['none', entry('F32', [0, 3], 0, 0)],
      ['scalar', entry('F32', [], 0, 4)],
      ['end', entry('F16', [0], 4, 4)],
    );
    const { tensors } = parseSafetensors(makeRawSafetensors(text, 4));
    expect([...tensors.values()].map(({ bytes }) => bytes.length)).toEqual([0, 4, 0]);
  });
});

describe('the data', () => {
  const two = (secondBegin: number) =>
    header(['a', entry('U8', [4], 0, 4)], ['b', entry('U8', [4], secondBegin, secondBegin + 4)]);

  it('rejects a hole and an overlap by the tensor, and accepts tensors end to end in any order', () => {
    expect(rejects(makeRawSafetensors(two(5), 9)).message).toContain('hole');
    expect(rejects(makeRawSafetensors(two(3), 8)).message).toContain('overlaps');
    expect(accepts(makeRawSafetensors(two(4), 8))).toEqual(['a', 'b']);
    const turned = header(['b', entry('U8', [4], 4, 8)], ['a', entry('U8', [4], 0, 4)]);
    expect(accepts(makeRawSafetensors(turned, 8))).toEqual(['b', 'a']);
  });

  it('rejects data that does not start at 0', () => {
    expect(rejects(makeRawSafetensors(header(['a', entry('U8', [4], 1, 5)]), 5)).details.allowed).toBe(0);
  });

  it('rejects trailing bytes and missing bytes', () => {
    expect(rejects(makeRawSafetensors(two(4), 9)).details).toMatchObject({ observed: 9, allowed: 8 });
    expect(rejects(makeRawSafetensors(two(4), 7)).details).toMatchObject({ observed: 8, allowed: 7 });
  });
});

it.each([
  ['<!DOCTYPE html><html><body>404</body></html>', 'web page'],
  ['\n<html>', 'web page'],
  ['version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4\n', 'Git LFS'],
])('says what a page or a pointer in place of the weights is', (text, word) => {
  expect(rejects(new TextEncoder().encode(text)).message).toContain(word);
});

describe('damaged files', () => {
  const sound = makeSafetensors(
    new Map([
      ['model.embed_tokens.weight', { shape: [8, 4], data: new Float32Array(32).fill(1) }],
      ['model.norm.weight', { shape: [4], data: new Float32Array(4).fill(2) }],
      ['empty', { shape: [0, 4], data: new Float32Array() }],
    ]),
    'F16',
  );
  const runs = process.env.RECALL_SOAK === '1' ? 5000 : 500;

  it(`gives a value or a typed error for ${runs} seeded mutations, and never more data than the file has`, () => {
    let refused = 0;
    for (let seed = 0; seed < runs; seed++) {
      const bytes = mutateBytes(sound, seed);
      try {
        const { tensors } = parseSafetensors(bytes);
        let total = 0;
        for (const stored of tensors.values()) {
          total += stored.bytes.length;
          expect(toTensor(stored).data.length).toBe(stored.shape.reduce((size, length) => size * length, 1));
        }
        expect(total).toBeLessThan(bytes.length);
      } catch (error) {
        if (!(error instanceof AppError)) throw new Error(`seed ${seed}: ${String(error)}`);
        expect(error.code).toBe('safetensors-invalid');
        expect(error.message.length, `seed ${seed}`).toBeLessThan(600);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(runs / 4);
    expect(refused).toBeLessThan(runs);
  });

  it('allocates for the header it has read and never for the sizes that it claims', () => {
    const claims = header(['w', entry('F32', [2 ** 40], 0, 2 ** 42)]);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 100; i++) rejects(makeRawSafetensors(claims, 16));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  it('reads a header of 20,000 tensors, and finds a name given twice among them', () => {
    const count = 20_000;
    const entries = Array.from({ length: count }, (_, i): [string, string] => [`t${i}`, entry('U8', [1], i, i + 1)]);
    expect(accepts(makeRawSafetensors(header(...entries), count))).toHaveLength(count);
    entries.push(['t0', entry('U8', [1], count, count + 1)]);
    expect(rejects(makeRawSafetensors(header(...entries), count + 1)).details.field).toBe('t0');
  });

  // Work that grows with the square of the header would take hours here and end at the test's time limit.
  it.each([
    ['colons behind a long name', (n: number) => `{"${'a'.repeat(n)}"${':'.repeat(n)}`],
    ['brackets', (n: number) => `{"a":${'['.repeat(n)}`],
    ['braces', (n: number) => '{"":'.repeat(n)],
    ['pairs of brackets', (n: number) => `{"a":[${'[],'.repeat(n)}`],
    ['backslashes in an open string', (n: number) => `{"${'\\'.repeat(n)}`],
    ['quotes', (n: number) => `{${'"'.repeat(n)}`],
    ['empty names', (n: number) => `{${'"":0,'.repeat(n)}`],
    ['a long shape', (n: number) => `{"a":{"dtype":"U8","shape":[${'1,'.repeat(n)}1],"data_offsets":[0,1]}}`],
    ['a long name', (n: number) => `{"${'a'.repeat(n)}":{"dtype":"no","shape":[],"data_offsets":[0,1]}}`],
  ])('answers a header of a million %s with a short message', (_, make) => {
    const file = makeRawSafetensors(make(1_000_000), 1);
    try {
      expect(accepts(file)).toEqual(['a']); // the long shape is a valid one
    } catch (error) {
      expect(error).toMatchObject({ code: 'safetensors-invalid' });
      expect(String(error).length).toBeLessThan(600);
    }
  });
});

it('returns views of the file, not copies', () => {
  const bytes = makeSafetensors(new Map([['w', { shape: [2], data: new Float32Array([1, 2]) }]]));
  expect(parseSafetensors(bytes).tensors.get('w')?.bytes.buffer).toBe(bytes.buffer);
});

it('reads back whatever the writer wrote', () => {
  const dtypes = fc.constantFrom(...(Object.keys(DTYPE_BYTES) as Dtype[]));
  const tensor = fc
    .tuple(dtypes, fc.array(fc.nat(4), { maxLength: 4 }), fc.nat(1000))
    .map(([dtype, shape, seed]): TensorToStore => {
      const size = shape.reduce((product, length) => product * length, DTYPE_BYTES[dtype]);
      return { dtype, shape, bytes: Uint8Array.from({ length: size }, (_, i) => (seed + 31 * i) % 251) };
    });
  const name = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('__proto__')).filter((n) => n !== '__metadata__');
  const texts = fc.array(fc.tuple(fc.string(), fc.string())).map((pairs) => new Map(pairs));
  checkProperty(
    fc.property(fc.array(fc.tuple(name, tensor), { maxLength: 8 }), texts, (pairs, metadata) => {
      const tensors = new Map(pairs);
      const file = parseSafetensors(buildSafetensors(tensors, metadata));
      expect(new Map(file.metadata)).toEqual(metadata);
      expect(new Set(file.tensors.keys())).toEqual(new Set(tensors.keys()));
      for (const [key, stored] of tensors) expect(file.tensors.get(key)).toEqual(stored);
    }),
  );
});

it('aligns the data of every file it writes to eight bytes', () => {
  const bytes = makeSafetensors(new Map([['odd', { shape: [1], data: new Float32Array([1]) }]]));
  expect(parseSafetensors(bytes).tensors.get('odd')?.bytes.byteOffset).toSatisfy((offset: number) => offset % 8 === 0);
});

it('refuses to write a tensor whose bytes do not fit its shape', () => {
  const wrong = new Map([['w', { dtype: 'F32' as const, shape: [2], bytes: new Uint8Array(4) }]]);
  expect(expectAppError(() => buildSafetensors(wrong), 'input-invalid').details).toMatchObject({
    observed: 4,
    allowed: 8,
  });
});
