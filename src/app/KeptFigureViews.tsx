import { type ReactNode, useMemo } from 'react';
import { useViewForm } from '../state/hooks.ts';
import { FigureViewsContext } from '../ui/charts/figure-views.ts';

/** Figures that stand as their tables do so again after a reload, and in a link. */
export function KeptFigureViews({ children }: { children: ReactNode }) {
  const tables = useViewForm((state) => state.figures.tables);
  const setFigures = useViewForm((state) => state.setFigures);
  const views = useMemo(() => {
    const onChange = (title: string, isTable: boolean) => {
      const others = tables.filter((each) => each !== title);
      setFigures({ tables: isTable ? [...others, title] : others });
    };
    return { tables, onChange };
  }, [tables, setFigures]);
  return <FigureViewsContext.Provider value={views}>{children}</FigureViewsContext.Provider>;
}
