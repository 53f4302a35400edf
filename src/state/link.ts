import type { Recipe } from '../core/compress/recipe.ts';
import { parseObject, type Settings, takeSettings } from './settings.ts';

/** What the fragment of an address begins with; the number changes when old links could be misread. */
const PREFIX = '#v1=';

/** Longest fragment that is read: far above any setting of the page. */
const MAX_LENGTH = 50_000;

/** What a link gives back: what is compared. How the page looks stays the reader's own. */
export type LinkedSettings = Omit<Settings, 'theme' | 'textSize'>;

/** The fragment of an address that restores the settings, `#` included: JSON in base64url. */
export function toFragment({
  highlighted,
  shown,
  exposure,
  sampling,
  textPrompt,
  question,
  recipe,
  sweep,
  fateKey,
}: LinkedSettings): string {
  const bytes = new TextEncoder().encode(
    JSON.stringify({ highlighted, shown, exposure, sampling, textPrompt, question, recipe, sweep, fateKey }),
  );
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return PREFIX + btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Whether a fragment is one of ours. */
export function isFragment(fragment: string): boolean {
  return fragment.startsWith(PREFIX);
}

/** The settings of a link over the reader's own; `problem` names what of it could not be used. */
export function readFragment(
  fragment: string,
  own: Settings,
  parseRecipe: (value: unknown) => Recipe,
): { settings: Settings; problem: string | null } {
  if (!isFragment(fragment)) return { settings: own, problem: null };
  const linked = decode(fragment.slice(PREFIX.length));
  if (linked === null) return { settings: own, problem: 'The link is damaged, so the page opens as you left it.' };
  const { theme: _, textSize: __, ...rest } = linked;
  const { settings, damaged } = takeSettings(rest, own, parseRecipe);
  const problem = `A part of the link could not be used and stays as you left it: ${damaged.join(', ')}.`;
  return { settings, problem: damaged.length === 0 ? null : problem };
}

function decode(encoded: string): Record<string, unknown> | null {
  if (encoded.length > MAX_LENGTH) return null;
  try {
    const binary = atob(encoded.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return parseObject(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}
