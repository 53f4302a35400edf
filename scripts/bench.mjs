// Measures what the page promises: a switch of regimes costs about one prefill, and packed scoring beats one item a run.
// Prints one table per device; `npm run bench -- wasm` or `npm run bench -- webgpu` runs one of them.
import { createServer } from 'vite';
import { runPage } from '../bench/run-page.mjs';

const MOST_CLICK_PER_PREFILL = 1.5;

async function runInNode() {
  const server = await createServer({
    server: { middlewareMode: true, watch: null },
    logLevel: 'warn',
    appType: 'custom',
  });
  try {
    const { runInNode: run } = await server.ssrLoadModule('/bench/bench-node.ts');
    return await run();
  } finally {
    await server.close();
  }
}

function round(row) {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'number' ? Number(value.toPrecision(3)) : value,
    ]),
  );
}

function print({ device, switching, sessionsCreatedBySwitching, createSessionMs, sliderMs, scoring }) {
  console.log(`\n${device}: from the click to the first token, and one prefill (ms)`);
  console.table(switching.map(round));
  console.log(
    `sessions created by switching: ${sessionsCreatedBySwitching}; creating one: ${createSessionMs.toFixed(1)} ms; moving the sparsity slider: ${sliderMs.toFixed(0)} ms`,
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
  console.log(`\n${device}: scoring an item packed with others, alone, and asked and answered token by token (ms)`);
  console.table(scoring.map(round));
}

const only = process.argv[2];
if (only !== 'webgpu') print(await runInNode());
if (only !== 'wasm') {
  const result = await runPage('bench', { timeoutMs: 900_000 });
  if (result.error !== undefined) throw new Error(result.error);
  print(result);
}
