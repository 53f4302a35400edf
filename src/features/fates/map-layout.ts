import type { Relation } from '../../core/eval/fact.ts';

/** The cells of one relation, in rows of `columns`, numbered on from `first`. */
export interface MapBlock {
  relation: Relation;
  /** The domain begins here. */
  isFirstOfDomain: boolean;
  first: number;
  count: number;
  /** Pixels. */
  left: number;
  top: number;
  columns: number;
}

export interface MapLayout {
  blocks: readonly MapBlock[];
  /** From one cell to the next, in pixels. */
  pitch: number;
  /** Side of a cell. */
  side: number;
  width: number;
  height: number;
  /** Labels stand left of their cells; above them where there is no room. */
  isWide: boolean;
}

/** In rem. */
const PITCH = 0.6875;
const LABELS = 24;
const LABEL_LINE = 1.125;
const GAP = 0.4375;
const WIDE = 46;

/** Where every cell lies in a width of pixels: arithmetic alone, so that a pointer is answered without looking at cells. */
export function toMapLayout(
  groups: readonly { relation: Relation; count: number }[],
  width: number,
  rem: number,
): MapLayout {
  const pitch = Math.round(PITCH * rem);
  const isWide = width >= WIDE * rem;
  const left = isWide ? LABELS * rem : 0;
  const columns = Math.max(1, Math.floor((width - left) / pitch));
  let first = 0;
  let top = 0;
  let domain: string | null = null;
  const blocks = groups.map(({ relation, count }): MapBlock => {
    const isFirstOfDomain = relation.domain !== domain;
    domain = relation.domain;
    if (top > 0) top += (isFirstOfDomain ? 2 : 1) * GAP * rem;
    const labels = isWide ? 0 : LABEL_LINE * rem;
    const block = { relation, isFirstOfDomain, first, count, left, top: Math.round(top + labels), columns };
    first += count;
    top = block.top + Math.max(Math.ceil(count / columns) * pitch, isWide ? LABEL_LINE * rem : 0);
    return block;
  });
  return { blocks, pitch, side: pitch - 1, width, height: Math.ceil(top), isWide };
}

/** The corner of a cell in pixels. */
export function placeOf({ blocks, pitch }: MapLayout, cell: number): { x: number; y: number } {
  const block = blocks.find(({ first, count }) => cell >= first && cell < first + count);
  if (block === undefined) return { x: 0, y: 0 };
  const at = cell - block.first;
  return { x: block.left + (at % block.columns) * pitch, y: block.top + Math.floor(at / block.columns) * pitch };
}

/** The cell under a point; null between cells. */
export function cellAt({ blocks, pitch }: MapLayout, x: number, y: number): number | null {
  const block = blocks.findLast(({ top }) => y >= top);
  if (block === undefined || x < block.left) return null;
  const column = Math.floor((x - block.left) / pitch);
  const at = Math.floor((y - block.top) / pitch) * block.columns + column;
  return column < block.columns && at < block.count ? block.first + at : null;
}

/** The cell that a key leads to: arrows by reading order and by column, Home and End within the relation, pages from relation to relation. */
export function cellAfterKey({ blocks }: MapLayout, cell: number, key: string): number {
  const index = blocks.findIndex(({ first, count }) => cell >= first && cell < first + count);
  const block = blocks[index];
  const last = blocks.at(-1);
  if (block === undefined || last === undefined) return cell;
  const at = cell - block.first;
  const column = at % block.columns;
  const clamp = (wanted: number) => Math.min(last.first + last.count - 1, Math.max(0, wanted));
  switch (key) {
    case 'ArrowRight':
      return clamp(cell + 1);
    case 'ArrowLeft':
      return clamp(cell - 1);
    case 'ArrowDown': {
      if (at + block.columns < block.count) return cell + block.columns;
      const lastRow = Math.floor((block.count - 1) / block.columns);
      if (Math.floor(at / block.columns) < lastRow) return block.first + block.count - 1;
      const next = blocks[index + 1];
      return next === undefined ? cell : next.first + Math.min(column, next.count - 1);
    }
    case 'ArrowUp': {
      if (at >= block.columns) return cell - block.columns;
      const before = blocks[index - 1];
      if (before === undefined) return cell;
      const lastRow = Math.floor((before.count - 1) / before.columns) * before.columns;
      return before.first + Math.min(lastRow + column, before.count - 1);
    }
    case 'Home':
      return block.first;
    case 'End':
      return block.first + block.count - 1;
    case 'PageDown':
      return blocks[index + 1]?.first ?? cell;
    case 'PageUp':
      return blocks[index - 1]?.first ?? cell;
    default:
      return cell;
  }
}
