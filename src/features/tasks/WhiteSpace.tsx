import styles from './TasksPanel.module.css';

/** Characters whose blanks are drawn as elements of their own; what comes behind them is one piece, or the longest prompts would be 20,000 elements. */
const MAX_DRAWN = 4000;

/** A text as it is, all of it, with what cannot be seen in sight: blanks with a dot, line ends, tabs and control characters with a sign. */
export function WhiteSpace({ text }: { text: string }) {
  const parts = text.slice(0, MAX_DRAWN).matchAll(PIECES);
  const rest = text.slice(MAX_DRAWN);
  return (
    <>
      {[...parts].map(({ index, 0: part }) => (
        <Part key={index} text={part} />
      ))}
      {rest.replaceAll(PIECES, toPlain)}
    </>
  );
}

/**
 * One sign that cannot be seen, or a run of others: besides blanks the control characters, blanks of other widths, marks of direction and
 * what has no width, each of which a tokenizer reads.
 */
const PIECES = /[\p{Cc}\p{Cf}\p{Z}]|[^\p{Cc}\p{Cf}\p{Z}]+/gu;

const SIGNS: ReadonlyMap<string, string> = new Map([
  ['\n', '↵'],
  ['\t', '→'],
  ['\u007f', '␡'],
]);

/** Code points up to this one have pictures of their own, `FIRST_PICTURE` on. */
const LAST_PICTURED = 0x1f;
const FIRST_PICTURE = 0x2400;

/** What stands for a piece that cannot be seen; null for any other. */
function toSign(piece: string): string | null {
  if (!/^[\p{Cc}\p{Cf}\p{Z}]$/u.test(piece)) return null;
  const code = piece.codePointAt(0) ?? 0;
  const picture = code <= LAST_PICTURED ? String.fromCodePoint(FIRST_PICTURE + code) : null;
  return SIGNS.get(piece) ?? picture ?? `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}

/** Only these do something where they stand; the others are shown by their sign alone. */
const isKept = (piece: string) => piece === '\n' || piece === '\t';

/** A blank as a dot behind which a line may break. */
function toPlain(piece: string): string {
  if (piece === ' ') return '·\u200b';
  const sign = toSign(piece);
  return sign === null ? piece : `${sign}${isKept(piece) ? piece : ''}`;
}

function Part({ text }: { text: string }) {
  if (text === ' ') return <span className={styles.blank}> </span>;
  const sign = toSign(text);
  if (sign === null) return text;
  return (
    <>
      <span className={styles.sign} aria-hidden={isKept(text)}>
        {sign}
      </span>
      {isKept(text) ? text : null}
    </>
  );
}
