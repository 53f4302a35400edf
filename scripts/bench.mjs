// Measures what the page promises: a switch of regimes costs about one prefill, and packed scoring beats one item a run.
// Prints one table per device; `npm run bench -- wasm` or `npm run bench -- webgpu` runs one of them.
import { runPage } from '../bench/run-page.mjs';
import { roundRow, runInNode } from './bench-run.mjs';

const MOST_CLICK_PER_PREFILL = 1.5;

function print({ device, switching, sessionsCreatedBySwitching, createSessionMs, slider, scoring, smaller }) {
  console.log(`\n${device}: from the click to the first token, and one prefill (ms)`);
  console.table(switching.map(roundRow));
  console.log(
    `sessions created by switching: ${sessionsCreatedBySwitching}; creating one: ${createSessionMs.toFixed(1)} ms`,
  );
  const perSession = switching.map(({ clickMedianMs }) => clickMedianMs / createSessionMs);
  console.log(
    `a switch costs ${Math.min(...perSession).toFixed(2)} to ${Math.max(...perSession).toFixed(2)} times what creating a session does (medians)`,
  );
  const slow = switching.filter(({ ratio }) => ratio > MOST_CLICK_PER_PREFILL).map(({ regime }) => regime);
  console.log(
    slow.length === 0
      ? `every switch stays within ${MOST_CLICK_PER_PREFILL} prefills`
      : `over ${MOST_CLICK_PER_PREFILL} prefills: ${slow.join(', ')}`,
  );
  console.log(`\n${device}: a move of the level, to the new answer's first token, against one prefill (ms)`);
  console.table(slider.map(roundRow));
  console.log(`\n${device}: scoring an item packed with others, alone, and asked and answered token by token (ms)`);
  console.table(scoring.map(roundRow));
  console.log(`\n${device}: a model that lost whole units against the dense one (medians, ms)`);
  console.table(smaller.map(roundRow));
}

const only = process.argv[2];
if (only !== 'webgpu') print(await runInNode('/bench/bench-node.ts'));
if (only !== 'wasm') {
  const result = await runPage('bench', { timeoutMs: 900_000 });
  if (result.error !== undefined) throw new Error(result.error);
  print(result);
}
