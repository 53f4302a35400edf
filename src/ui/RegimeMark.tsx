import type { RegimeKey } from '../core/recover/regime.ts';
import { type RegimeShape, toRegimeLook } from './regime-look.ts';

/** Outlines in a box from -6 to 6, so that a mark is centred on the value it stands for. */
const PATHS: Readonly<Record<RegimeShape, string>> = {
  circle: 'M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z',
  ellipse: 'M-5.5 0a5.5 2.7 0 1 0 11 0a5.5 2.7 0 1 0-11 0z',
  square: 'M-4.4-4.4h8.8v8.8h-8.8z',
  diamond: 'M0-5.8L5.8 0L0 5.8L-5.8 0z',
  triangle: 'M0-5.4L5.4 4.4H-5.4z',
  bar: 'M-2.2-5.5h4.4v11h-4.4z',
  pentagon: 'M0-5.6L5.4-1.7L3.3 4.7H-3.3L-5.4-1.7z',
  'triangle-down': 'M0 5.4L5.4-4.4H-5.4z',
  kite: 'M-5.4-4.4H5.4L-5.4 4.4H5.4z',
  hexagon: 'M-5.4 0L-2.7-4.7H2.7L5.4 0L2.7 4.7H-2.7z',
  cross: 'M-5-2.8L-2.8-5L0-2.2L2.8-5L5-2.8L2.2 0L5 2.8L2.8 5L0 2.2L-2.8 5L-5 2.8L-2.2 0z',
};

interface ShapeProps {
  regime: RegimeKey;
  /** Outlined instead of filled: the seen half of a pair. */
  isHollow?: boolean;
  /** With a rim in the colour of ink around it. */
  isRimmed?: boolean;
}

/** Width of a rim and of the gap that sets it off. */
const RIM = 1.6;
const RIM_GAP = 1.4;

/** The mark itself, to be placed inside an SVG. */
export function RegimeShapePath({ regime, isHollow = false, isRimmed = false }: ShapeProps) {
  const look = toRegimeLook(regime);
  const d = PATHS[look.shape];
  return (
    <>
      {isRimmed ? (
        <>
          <path d={d} fill="var(--ink)" stroke="var(--ink)" strokeWidth={2 * (RIM + RIM_GAP)} strokeLinejoin="round" />
          <path d={d} fill="var(--panel)" stroke="var(--panel)" strokeWidth={2 * RIM_GAP} strokeLinejoin="round" />
        </>
      ) : null}
      <path
        d={d}
        fill={isHollow ? 'var(--panel)' : look.color}
        stroke={look.color}
        strokeWidth={isHollow ? 1.6 : 1}
        strokeLinejoin="round"
      />
    </>
  );
}

/** The mark as a small picture beside the regime's name. */
export function RegimeMark(props: ShapeProps) {
  // A rim needs room around the shape, which keeps its size.
  const half = props.isRimmed === true ? 7 + RIM + RIM_GAP : 7;
  const size = `${((0.9 * half) / 7).toFixed(2)}em`;
  return (
    <svg
      viewBox={`${-half} ${-half} ${2 * half} ${2 * half}`}
      width={size}
      height={size}
      // Beside a long name in a narrow row it would shrink to nothing.
      style={{ flex: 'none' }}
      aria-hidden="true"
      focusable="false"
    >
      <RegimeShapePath {...props} />
    </svg>
  );
}
