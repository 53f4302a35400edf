import type { Recipe } from '../core/compress/recipe.ts';
import { parseObject, type Settings, takeSettings } from './settings.ts';

/** What the fragment of an address begins with; the number changes when old links could be misread. */
const PREFIX = '#v1=';

/** Longest fragment that is read: far above any setting of the page. */
const MAX_LENGTH = 50_000;

/** What a link gives back: what is compared. How the page looks stays the reader's own. */
export type LinkedSettings = Omit<Settings, 'theme' | 'textSize'>;

/** The fragment of an address that restores the settings, `#` included: JSON in base64url. `pack` is the id of the pack that they are of. */
export function toFragment(
  { theme: _, textSize: __, ...linked }: LinkedSettings & Partial<Settings>,
  pack: string | null,
): string {
  const bytes = new TextEncoder().encode(JSON.stringify({ pack, ...linked }));
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return PREFIX + btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Whether a fragment is one of ours. */
export function isFragment(fragment: string): boolean {
  return fragment.startsWith(PREFIX);
}

/** A link as it was read. */
export interface ReadLink {
  settings: Settings;
  /** Id of the pack that it is of; null where it does not say. */
  pack: string | null;
  /** Names what of it could not be used. */
  problem: string | null;
}

/** The settings of a link over the reader's own. What a link tells of a run replaces what another one told. */
export function readFragment(fragment: string, own: Settings, parseRecipe: (value: unknown) => Recipe): ReadLink {
  if (!isFragment(fragment)) return { settings: own, pack: null, problem: null };
  const linked = decode(fragment.slice(PREFIX.length));
  if (linked === null) {
    return { settings: own, pack: null, problem: 'The link is damaged, so the page opens as you left it.' };
  }
  const { theme: _, textSize: __, pack, ...rest } = linked;
  const { settings, damaged, refusal } = takeSettings(rest, { ...own, linkedRun: null }, parseRecipe);
  const problem = `A part of the link could not be used and stays as you left it: ${damaged.join(', ')}.${refusal}`;
  return { settings, pack: typeof pack === 'string' ? pack : null, problem: damaged.length === 0 ? null : problem };
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
