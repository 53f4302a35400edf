import { describe, expect, it } from 'vitest';
import { type FigureExport, toCsv, toEstimateCells, toEstimateColumns, toFileName, toJson } from './figure-export.ts';

const FIGURE: FigureExport = {
  pack: 'atlas',
  measure: 'accuracy',
  date: '2026-11-21T10:11:12.000Z',
  columns: [{ name: 'regime' }, ...toEstimateColumns('accuracy', 'share', 'items')],
  rows: [
    ['idp', ...toEstimateCells({ value: 1 / 3, low: 0.25, high: null, n: 200 })],
    ['dense', ...toEstimateCells(null)],
  ],
};

describe('figures as files', () => {
  it('carry units in the header and every digit in the cells', () => {
    expect(toCsv(FIGURE).split('\r\n')).toEqual([
      'regime,accuracy (share),accuracy low (share),accuracy high (share),items',
      'idp,0.3333333333333333,0.25,,200',
      'dense,,,,',
      '',
    ]);
  });

  it('leave empty what is not finite', () => {
    expect(toCsv({ ...FIGURE, columns: [{ name: 'x' }], rows: [[Number.NaN], [Number.POSITIVE_INFINITY]] })).toBe(
      'x\r\n\r\n\r\n',
    );
  });

  it('quote what holds commas, quotes or breaks, and mark what a spreadsheet would run as a formula', () => {
    const rows = [['a,b'], ['say "x"'], ['two\nlines'], ['=1+1'], ['-cmd'], [-0.5]];
    expect(toCsv({ ...FIGURE, columns: [{ name: 'x' }], rows })).toBe(
      'x\r\n"a,b"\r\n"say ""x"""\r\n"two\nlines"\r\n\'=1+1\r\n\'-cmd\r\n-0.5\r\n',
    );
  });

  it.each(['=1', '+1', '-1+1', '-.5', '@SUM(A1)', '\t=1'])('mark the text %j, whatever digits follow', (text) => {
    expect(toCsv({ ...FIGURE, columns: [{ name: text }], rows: [[text]] })).toBe(`'${text}\r\n'${text}\r\n`);
  });

  it('leave a number a number, whatever its sign', () => {
    expect(toCsv({ ...FIGURE, columns: [{ name: 'x' }], rows: [[-1e-7], [1e21]] })).toBe('x\r\n-1e-7\r\n1e+21\r\n');
  });

  it('say in JSON what is needed to read them alone', () => {
    const parsed: unknown = JSON.parse(toJson(FIGURE, 'Accuracy', '200 items, recorded on a CPU.'));
    expect(parsed).toMatchObject({
      pack: 'atlas',
      measure: 'accuracy',
      date: '2026-11-21T10:11:12.000Z',
      caption: '200 items, recorded on a CPU.',
      columns: [{ name: 'regime' }, { name: 'accuracy', unit: 'share' }, {}, {}, { name: 'items' }],
      rows: [
        { regime: 'idp', accuracy: 1 / 3, 'accuracy low': 0.25, 'accuracy high': null, items: 200 },
        { regime: 'dense', accuracy: null },
      ],
    });
  });

  it('are named by pack, measure and date, in characters that every system takes', () => {
    expect(toFileName(FIGURE, 'png')).toBe('atlas_accuracy_2026-11-21.png');
    expect(toFileName({ ...FIGURE, pack: '../my pack', date: null }, 'csv')).toBe('..-my-pack_accuracy.csv');
  });
});
