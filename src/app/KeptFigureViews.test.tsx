import { fireEvent, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { DEFAULT_FIGURE_CHOICE } from '../state/figure-choice.ts';
import { makeStores } from '../testing/make-stores.ts';
import { renderWithStores } from '../testing/render-with-stores.tsx';
import { ChartFigure } from '../ui/charts/ChartFigure.tsx';
import { KeptFigureViews } from './KeptFigureViews.tsx';

const figureOf = (title: string) => (
  <ChartFigure
    title={title}
    badge={null}
    chart={<p>{title} as a chart</p>}
    table={<p>{title} as a table</p>}
    caption=""
    exported={{ pack: 'atlas', measure: 'sizes', date: null, columns: [], rows: [] }}
  />
);

it('keeps which figures stand as tables, each by itself', () => {
  const stores = makeStores({ view: { figures: { ...DEFAULT_FIGURE_CHOICE, tables: ['Sizes'] } } });
  renderWithStores(
    <KeptFigureViews>
      {figureOf('Sizes')}
      {figureOf('Times')}
    </KeptFigureViews>,
    stores,
  );
  expect(screen.getByText('Sizes as a table')).toBeDefined();
  expect(screen.getByText('Times as a chart')).toBeDefined();
  const choose = (figure: string, name: string) => {
    const group = screen.getByRole('radiogroup', { name: `${figure}: shown as` });
    fireEvent.click(within(group).getByRole('radio', { name }));
  };
  choose('Times', 'Table');
  expect(screen.getByText('Times as a table')).toBeDefined();
  choose('Sizes', 'Chart');
  expect(screen.getByText('Sizes as a chart')).toBeDefined();
  expect(stores.view.getState().figures.tables).toEqual(['Times']);
});
