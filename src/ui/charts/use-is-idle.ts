import { useEffect, useState } from 'react';

/** The browser has been too busy to be idle for this long: what waits for it starts all the same. */
const LATEST_MS = 3000;

/** False at first paint; true once the browser has nothing better to do. */
export function useIsIdle(): boolean {
  const [isIdle, setIsIdle] = useState(false);
  useEffect(() => {
    const start = () => setIsIdle(true);
    // Safari has no idle callbacks: https://caniuse.com/requestidlecallback
    if (typeof requestIdleCallback === 'undefined') {
      const timer = setTimeout(start, 200);
      return () => clearTimeout(timer);
    }
    const request = requestIdleCallback(start, { timeout: LATEST_MS });
    return () => cancelIdleCallback(request);
  }, []);
  return isIdle;
}
