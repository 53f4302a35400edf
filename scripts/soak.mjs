// What is too slow for every commit: the unit tests with ten times the mutations, 50 cycles of load, prepare and dispose in the browser,
// and 50 of compressing by every method and restoring.
// `npm run test:soak`; ends with `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runPage } from '../bench/run-page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
let passed = 0;
let failed = 0;

function tell(name, isOk) {
  if (isOk) passed++;
  else failed++;
  console.log(`${isOk ? ' ok ' : 'FAIL'}  ${name}`);
}

const units = spawnSync('npx', ['--no-install', 'vitest', 'run', '--project', '!ui*'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, RECALL_SOAK: '1' },
  shell: process.platform === 'win32',
});
tell('unit tests with 5,000 mutations of a checkpoint and 1,000 cases per property', units.status === 0);

for (const on of ['wasm', 'webgpu']) {
  const result = await runPage('soak', { query: { on }, timeoutMs: 1_800_000 });
  if (result.error !== undefined) {
    console.error(result.error);
    tell(`50 cycles on ${on}`, false);
    continue;
  }
  const { device, ownedBytes, leftBytes, sessionsCreated } = result;
  console.log(`${device}: ${ownedBytes[0]} bytes owned in each cycle, ${sessionsCreated} sessions made in all`);
  tell(`${device}: owned bytes are the same in all ${ownedBytes.length} cycles`, new Set(ownedBytes).size === 1);
  tell(`${device}: nothing is left after any of them`, leftBytes.length > 0 && leftBytes.every((bytes) => bytes === 0));
}

const MOST_GROWTH = 1.1;
for (const on of ['wasm', 'webgpu']) {
  const result = await runPage('soak-compress', { query: { on }, timeoutMs: 1_800_000 });
  if (result.error !== undefined) {
    console.error(result.error);
    tell(`50 times compressed and restored on ${on}`, false);
    continue;
  }
  const { device, ownedBytes, memoryBytes, leftBytes } = result;
  tell(
    `${device}: ${ownedBytes[0]} bytes owned after every restoring`,
    new Set(ownedBytes).size === 1 && leftBytes === 0,
  );
  const [first, last] = [memoryBytes[0], memoryBytes.at(-1)];
  if (first === null || last === null)
    console.log(`${device}: this platform does not tell how much memory a process holds`);
  else {
    const text = `${(first / 1e6).toFixed(0)} MB of memory after 10 cycles, ${(last / 1e6).toFixed(0)} MB after 50`;
    tell(`${device}: ${text}`, last <= MOST_GROWTH * first);
  }
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
