import { AppError } from '../errors.ts';
import { isObject, quote, show } from '../json.ts';
import { DTYPE_BYTES } from '../tensor/convert.ts';
import type { Dtype } from '../tensor/tensor.ts';

/** A tensor as the header describes it; offsets are bytes of the data. */
export interface TensorEntry {
  name: string;
  dtype: Dtype;
  shape: readonly number[];
  begin: number;
  end: number;
}

/** One entry of the header, checked by itself: dtype, shape, offsets and that they agree. */
export function parseEntry(name: string, value: unknown): TensorEntry {
  if (!isObject(value))
    return refuseSafetensors(`Tensor ${quote(name)} has no description.`, name, show(value), 'an object');
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype)) {
    const allowed = Object.keys(DTYPE_BYTES).join(', ');
    return refuseSafetensors(
      `Tensor ${quote(name)} has dtype ${show(dtype)}; known are ${allowed}.`,
      name,
      show(dtype),
      allowed,
    );
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    return refuseSafetensors(
      `Tensor ${quote(name)} has shape ${show(shape)}, where whole numbers must stand.`,
      name,
      show(shape),
      'whole numbers',
    );
  }
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? offsets : [];
  if (!isCount(begin) || !isCount(end) || begin > end) {
    return refuseSafetensors(
      `Tensor ${quote(name)} has data offsets ${show(offsets)}, where [begin, end] must stand.`,
      name,
      show(offsets),
      '[begin, end]',
    );
  }
  const needed = checkedSize(name, shape, DTYPE_BYTES[dtype]);
  if (end - begin !== needed) {
    refuseSafetensors(
      `Tensor ${quote(name)} takes ${end - begin} bytes, where ${dtype} of shape [${shape.join(', ')}] needs ${needed}. The file is damaged; fetch it again.`,
      name,
      end - begin,
      needed,
    );
  }
  return { name, dtype, shape, begin, end };
}

/** Bytes of a shape, refused where the product is no longer exact. */
function checkedSize(name: string, shape: readonly number[], elementBytes: number): number {
  if (shape.includes(0)) return 0;
  let size = elementBytes;
  for (const length of shape) {
    size *= length;
    if (!Number.isSafeInteger(size)) {
      refuseSafetensors(
        `Tensor ${quote(name)} has shape ${show(shape)}, more than ${Number.MAX_SAFE_INTEGER} bytes. The file is damaged.`,
        name,
        show(shape),
        Number.MAX_SAFE_INTEGER,
      );
    }
  }
  return size;
}

/** Refuses entries that leave a hole in the data, overlap, or end before or behind it. */
export function checkCover(entries: readonly TensorEntry[], dataBytes: number): void {
  const sorted = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of sorted) {
    if (begin !== covered) {
      const what = begin < covered ? 'overlaps the tensor before it' : 'leaves a hole before it';
      refuseSafetensors(
        `Tensor ${quote(name)} ${what}: it begins at byte ${begin}, where ${covered} is due. The file is damaged; fetch it again.`,
        name,
        begin,
        covered,
      );
    }
    if (end > dataBytes) {
      refuseSafetensors(
        `Tensor ${quote(name)} ends at byte ${end}, where the file has ${dataBytes} bytes of data. The file is cut short; fetch it again.`,
        name,
        end,
        dataBytes,
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    refuseSafetensors(
      `The tensors take ${covered} bytes, where the file has ${dataBytes} bytes of data. The file is damaged; fetch it again.`,
      'data',
      dataBytes,
      covered,
    );
  }
}

function isDtype(value: unknown): value is Dtype {
  return typeof value === 'string' && Object.hasOwn(DTYPE_BYTES, value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
}

/** Throws `safetensors-invalid` with what was observed and what is allowed. */
export function refuseSafetensors(
  message: string,
  field: string,
  observed: string | number | null,
  allowed: string | number,
  cause?: unknown,
): never {
  throw new AppError('safetensors-invalid', message, { field: field.slice(0, 200), observed, allowed }, cause);
}
