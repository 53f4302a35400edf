import { type RefCallback, startTransition, useCallback, useState } from 'react';

/** The size of an element in pixels, and how many a rem has: margins grow with the size of type. */
export interface Box {
  width: number;
  height: number;
  rem: number;
}

const USUAL_REM = 16;

/** The size of an element, followed while it changes; null before it is laid out. Its height must be in rem, so that it follows type too. */
export function useBox(): [RefCallback<HTMLElement>, Box | null] {
  const [box, setBox] = useState<Box | null>(null);
  const ref = useCallback((element: HTMLElement | null) => {
    if (element === null) return;
    const measure = () => {
      const { width, height } = element.getBoundingClientRect();
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || USUAL_REM;
      // Many charts are measured at once: drawing them all is not for one task.
      startTransition(() => setBox(width > 0 && height > 0 ? { width, height, rem } : null));
    };
    // Once the page is laid out by itself: asked at once, it would have to be in the middle of a drawing.
    const frame = requestAnimationFrame(measure);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
    };
  }, []);
  return [ref, box];
}
