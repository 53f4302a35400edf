import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RIVER } from '../../testing/make-outcomes.ts';
import { cellAfterKey, cellAt, placeOf, toMapLayout } from './map-layout.ts';

const toGroups = (counts: readonly number[]) =>
  counts.map((count, i) => ({ relation: { ...RIVER, id: `r${i}`, domain: `d${Math.floor(i / 2)}` }, count }));
const layouts = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 }),
    fc.integer({ min: 200, max: 1500 }),
  )
  .map(([counts, width]) => ({
    layout: toMapLayout(toGroups(counts), width, 16),
    cells: counts.reduce((a, b) => a + b),
  }));

describe('the layout of the fact map', () => {
  it('finds every cell where it lies, and none between cells of different relations', () => {
    fc.assert(
      fc.property(layouts, fc.nat(), ({ layout, cells }, any) => {
        const cell = any % cells;
        const { x, y } = placeOf(layout, cell);
        expect(x + layout.side).toBeLessThanOrEqual(layout.width);
        expect(y + layout.side).toBeLessThanOrEqual(layout.height);
        expect(cellAt(layout, x + layout.side / 2, y + layout.side / 2)).toBe(cell);
      }),
    );
    const layout = toMapLayout(toGroups([5, 5]), 300, 16);
    const second = layout.blocks[1];
    expect(cellAt(layout, 2, (second?.top ?? 0) - 2)).toBeNull();
    expect(cellAt(layout, 6 * layout.pitch, 20)).toBeNull();
    expect(cellAt(layout, -1, 20)).toBeNull();
  });

  it('leads from any cell to any other with the arrow keys, and never out of the map', () => {
    fc.assert(
      fc.property(
        layouts,
        fc.nat(),
        fc.constantFrom('ArrowUp', 'ArrowDown', 'PageUp', 'End', 'x'),
        ({ layout, cells }, any, key) => {
          const cell = any % cells;
          const next = cellAfterKey(layout, cell, key);
          expect(next).toBeGreaterThanOrEqual(0);
          expect(next).toBeLessThan(cells);
          if (cell > 0) expect(cellAfterKey(layout, cellAfterKey(layout, cell, 'ArrowLeft'), 'ArrowRight')).toBe(cell);
        },
      ),
    );
  });

  it('goes down a column, and from the last row into the next relation', () => {
    const layout = toMapLayout(toGroups([50, 7]), 32 * 11, 16);
    expect(cellAfterKey(layout, 3, 'ArrowDown')).toBe(35);
    expect(cellAfterKey(layout, 20, 'ArrowDown')).toBe(49);
    expect(cellAfterKey(layout, 35, 'ArrowDown')).toBe(53);
    expect(cellAfterKey(layout, 53, 'ArrowUp')).toBe(35);
    expect(cellAfterKey(layout, 10, 'PageDown')).toBe(50);
    expect(cellAfterKey(layout, 10, 'End')).toBe(49);
  });

  it('puts labels above the cells where there is no room beside them', () => {
    expect(toMapLayout(toGroups([5]), 390, 16)).toMatchObject({ isWide: false, blocks: [{ left: 0, top: 18 }] });
    expect(toMapLayout(toGroups([5]), 1200, 16)).toMatchObject({ isWide: true, blocks: [{ left: 384, top: 0 }] });
  });
});
