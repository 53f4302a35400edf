import { createContext } from 'react';

/** Which figures stand as their tables, kept by whoever draws the page; without it each figure keeps its own. */
export interface FigureViews {
  /** Titles. */
  tables: readonly string[];
  onChange: (title: string, isTable: boolean) => void;
}

export const FigureViewsContext = createContext<FigureViews | null>(null);
