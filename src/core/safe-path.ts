/** Longest path taken from a stranger's file; file systems and hosts stop at 255 to 1,024. */
const MAX_PATH = 512;

/**
 * Whether a relative path out of a file may be appended to a folder's URL: plain segments only, so that it can neither
 * leave the folder (`..`, a leading `/`) nor name another host (`://`, a backslash, which browsers read as `/`) nor hide
 * (control characters, `%`, `?`, `#`).
 */
export function isSafePath(path: unknown): path is string {
  return (
    typeof path === 'string' &&
    path.length <= MAX_PATH &&
    path.split('/').every((segment) => /^[A-Za-z0-9._ ()+=@,~-]+$/.test(segment) && segment !== '.' && segment !== '..')
  );
}
