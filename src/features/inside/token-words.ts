import type { TokenKind, TokenLabel } from '../../core/inside/capture.ts';
import type { HeatLabel } from '../../ui/charts/heat-layout.ts';

const GROUPS: Readonly<Record<TokenKind, string>> = {
  virtual: 'virtual',
  text: 'text prompt',
  begin: 'question',
  token: 'question',
  answer: 'answer',
};

/** A token's text where a space at its front or a line's end would not be seen. */
export function toTokenText({ text }: Pick<TokenLabel, 'text'>): string {
  const seen = text.replaceAll('\n', '↵').replaceAll('\t', '⇥');
  return seen.trim() === '' ? seen.replaceAll(' ', '␣') || '∅' : seen.trim();
}

/** A token as a heat map names it, under what it is part of. */
export function toHeatLabel(token: TokenLabel): HeatLabel {
  return { text: toTokenText(token), group: GROUPS[token.kind] };
}
