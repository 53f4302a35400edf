import { useEffect } from 'react';

/** Draws what a canvas shows now, and again when the page's colours or the screen's pixels change; `draw` must be the same while it draws the same. */
export function useRepaint(draw: () => void): void {
  useEffect(() => {
    draw();
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const ratio = window.devicePixelRatio || 1;
    const queries = ['(prefers-color-scheme: dark)', `(resolution: ${ratio}dppx)`].map((query) =>
      window.matchMedia(query),
    );
    for (const query of queries) query.addEventListener('change', draw);
    return () => {
      theme.disconnect();
      for (const query of queries) query.removeEventListener('change', draw);
    };
  }, [draw]);
}
