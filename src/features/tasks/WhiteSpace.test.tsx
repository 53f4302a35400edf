import { render } from '@testing-library/react';
import { expect, it } from 'vitest';
import { WhiteSpace } from './WhiteSpace.tsx';

const toShown = (text: string) => render(<WhiteSpace text={text} />).container.textContent;

it('shows a text to its end, however long it is', () => {
  const text = `${'a long story '.repeat(2000)}and its end`;
  const shown = toShown(text);
  expect(shown?.replaceAll('·\u200b', ' ')).toBe(text);
});

it.each([
  ['a NUL', 'a\u0000b', 'a␀b'],
  ['a carriage return', 'a\r\nb', 'a␍↵\nb'],
  ['a delete sign', 'a\u007fb', 'a␡b'],
  ['a blank that does not break', 'a\u00a0b', 'a[U+00A0]b'],
  ['a blank without width', 'a\u200bb', 'a[U+200B]b'],
  ['a mark that turns the direction', 'a\u202eb', 'a[U+202E]b'],
])('shows %s, at the start and far behind it', (_, text, shown) => {
  expect(toShown(text)).toBe(shown);
  const before = 'x'.repeat(5000);
  expect(toShown(before + text)).toBe(before + shown);
});
