/** What `run-page.mjs` can run; each publishes its result. */
const PAGES: Readonly<Record<string, () => Promise<unknown>>> = {
  'algebra-check': () => import('./algebra-check.ts'),
  bench: () => import('./bench-page.ts'),
  compress: () => import('./compress.ts'),
  eval: () => import('./eval.ts'),
  'golden-check': () => import('./golden-check.ts'),
  'pack-check': () => import('./pack-check.ts'),
  record: () => import('./record.ts'),
  'record-outcomes': () => import('./record-outcomes.ts'),
  'record-shapes': () => import('./record-shapes.ts'),
  'record-sweep': () => import('./record-sweep.ts'),
  'shape-check': () => import('./shape-check.ts'),
  soak: () => import('./soak.ts'),
  'soak-compress': () => import('./soak-compress.ts'),
};

const wanted = new URLSearchParams(location.search).get('run') ?? '';
const run = PAGES[wanted];
if (run === undefined) throw new Error(`no page "${wanted}"; there are ${Object.keys(PAGES).join(', ')}`);
void run();

export {};
