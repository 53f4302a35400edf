import type { Fate } from '../core/eval/fates.ts';
import { toFateLook } from './fate-look.ts';

/** A cell of the fact map for legends: the fate's colour, with the mark that some fates bear besides. */
export function FateSwatch({ fate }: { fate: Fate }) {
  const { color } = toFateLook(fate);
  return (
    <svg viewBox="0 0 10 10" width="0.75rem" height="0.75rem" aria-hidden="true" focusable="false">
      <rect
        x="0.5"
        y="0.5"
        width="9"
        height="9"
        fill={color}
        stroke={isOutlined(fate) ? 'var(--line-strong)' : color}
      />
      {fate === 'broken' ? <line x1="0" y1="10" x2="10" y2="0" stroke="var(--panel)" strokeWidth="1.5" /> : null}
      {fate === 'relearned' ? <rect x="3.5" y="3.5" width="3" height="3" fill="var(--panel)" /> : null}
    </svg>
  );
}

/** Pale fates need an edge. */
function isOutlined(fate: Fate): boolean {
  return fate === 'never-known' || fate === 'kept';
}
