// Measures what the evaluation runner costs beside its passes: the page's own accuracy run, in the page's own worker on wasm with results kept
// in IndexedDB, and then the very same passes with nothing around them, round by round. A minute.
import { runPage } from '../bench/run-page.mjs';
import { roundRow } from './bench-run.mjs';

const MOST = 2;

const { error, regimes, rows } = await runPage('eval', { timeoutMs: 900_000 });
if (error !== undefined) throw new Error(error);
console.log(`\nwasm in Chromium, regimes ${regimes.join(', ')}: an evaluation against its pure passes`);
console.table(rows.map(roundRow));
const sum = (of) => rows.reduce((total, row) => total + of(row), 0);
const ratio = sum(({ runMs }) => runMs) / sum(({ passesMs }) => passesMs);
console.log(`the runner takes ${ratio.toFixed(2)} times its passes (at most ${MOST} wanted)`);
