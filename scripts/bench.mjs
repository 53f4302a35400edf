// Measures what the page promises: a switch of regimes costs about one prefill, and packed scoring beats one item a run.
// Prints one table per device, what a look inside costs, and what kept the page's main thread busy; `npm run bench -- wasm`, `-- webgpu`, `-- inside`
// or `-- main-thread` runs one of them.
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

function printMainThread(rows) {
  console.log('\nthe built page on wasm: tasks of 50 ms or more on its main thread (ms)');
  console.table(rows.map(roundRow));
}

const MOST_PASSES_PER_CAPTURE = 3;

function printInside(rows) {
  console.log(
    '\nwasm in Node: a capture against a forward pass of the same tokens (medians, ms; ratio with its 95 % interval)',
  );
  console.table(rows.map(roundRow));
  const slow = rows.filter(({ high }) => high > MOST_PASSES_PER_CAPTURE);
  console.log(
    slow.length === 0
      ? `every capture stays within ${MOST_PASSES_PER_CAPTURE} forward passes`
      : `over ${MOST_PASSES_PER_CAPTURE} forward passes: ${slow.map(({ regime, tokens, view }) => `${regime}, ${tokens} tokens, ${view}`).join('; ')}`,
  );
}

const [, , only] = process.argv;
const isWanted = (name) => only === undefined || only === name;
if (isWanted('wasm')) print(await runInNode('/bench/bench-node.ts'));
if (isWanted('inside')) printInside(await runInNode('/bench/inside.ts'));
if (isWanted('webgpu')) {
  const result = await runPage('bench', { timeoutMs: 900_000 });
  if (result.error !== undefined) throw new Error(result.error);
  print(result);
}
if (isWanted('main-thread')) printMainThread(await runInNode('/bench/main-thread.ts'));
