/**
 * A function that computes a value once per object and further arguments, which are compared by identity, and keeps it as long as the
 * object lives. For objects that never change, and few different arguments each.
 */
export function keepPer<Of extends object, Rest extends readonly unknown[], T>(
  compute: (of: Of, ...rest: Rest) => T,
): (of: Of, ...rest: Rest) => T {
  const kept = new WeakMap<Of, { rest: Rest; value: T }[]>();
  return (of, ...rest) => {
    const known = kept.get(of) ?? [];
    const found = known.find((each) => each.rest.every((part, i) => Object.is(part, rest[i])));
    if (found !== undefined) return found.value;
    const value = compute(of, ...rest);
    kept.set(of, [...known, { rest, value }]);
    return value;
  };
}
