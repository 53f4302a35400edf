import { ComparisonsFigure } from './ComparisonsFigure.tsx';
import { ImportedFigures } from './ImportedFigures.tsx';

/** The figures of this folder that come after the first paint, fetched as one: two parts would split what they share with the page into more. */
export const LATE_FIGURES = { ComparisonsFigure, ImportedFigures } as const;
