// Runs the gate's steps, whatever fails, and ends with `N passed, N failed`. Those that need one core run side by side.
// `node scripts/verify.mjs check` is npm run check; `check e2e` is npm test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { findChromium } from './find-chromium.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = new URL('../test-results/', import.meta.url);
const wanted = process.argv.slice(2);
const BROWSER_TESTS = 'browser tests';
const FAILURE_LINES = 12;

/** @typedef {{ name: string, command: string[], count?: () => { passed: number, failed: number } }} Step */

/** @type {Step[]} */
const SIDE_BY_SIDE = [
  { name: 'build', command: ['vite', 'build', '--logLevel', 'warn'] },
  { name: 'unused code', command: ['knip'] },
  { name: 'types of the page', command: ['tsc', '-p', 'tsconfig.json'] },
  { name: 'types of core, without the DOM', command: ['tsc', '-p', 'tsconfig.core.json'] },
  { name: 'types of tests and tools', command: ['tsc', '-p', 'tsconfig.node.json'] },
  { name: 'format and lint', command: ['biome', 'check', '--error-on-warnings', '.'] },
];

/** @type {Record<string, Step[]>} */
const ONE_BY_ONE = {
  check: [
    { name: 'size budget', command: ['node', 'scripts/check-size.mjs'] },
    {
      name: 'unit tests',
      // Vitest leaves one core to the person at the machine, which is half of a small one.
      command: [
        ...['vitest', 'run', '--maxWorkers=100%'],
        ...['--reporter=default', '--reporter=json', '--outputFile.json=test-results/unit.json'],
      ],
      count: countVitest,
    },
  ],
  e2e: [{ name: BROWSER_TESTS, command: ['playwright', 'test'], count: countPlaywright }],
};

function readReport(name) {
  return JSON.parse(readFileSync(new URL(name, reports), 'utf8'));
}

function countVitest() {
  const { numPassedTests, numFailedTests } = readReport('unit.json');
  return { passed: numPassedTests, failed: numFailedTests };
}

function countPlaywright() {
  const { expected, unexpected, flaky } = readReport('e2e.json').stats;
  return { passed: expected + flaky, failed: unexpected };
}

/** What each failed browser test said, a few lines each: the log above may be cut where it is read. */
function listFailedBrowserTests() {
  const lines = [];
  const visit = ({ suites = [], specs = [] }) => {
    for (const { ok, title, file, tests } of specs) {
      if (ok) continue;
      for (const { projectName, results } of tests) {
        const message = results.at(-1)?.error?.message;
        if (message) lines.push(`\n[${projectName}] ${file}: ${title}`, ...message.split('\n').slice(0, FAILURE_LINES));
      }
    }
    for (const suite of suites) visit(suite);
  };
  if (existsSync(new URL('e2e.json', reports))) visit(readReport('e2e.json'));
  return stripVTControlCharacters(lines.join('\n'));
}

/** Whether it ended well; what it printed is held back until then where others run beside it. */
async function run([program, ...args], env, isAlone) {
  const isNode = program === 'node';
  const child = spawn(isNode ? process.execPath : join('node_modules', '.bin', program), args, {
    cwd: root,
    stdio: isAlone ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    env,
    shell: process.platform === 'win32' && !isNode,
  });
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => printed.push(chunk));
  try {
    const [code] = await once(child, 'close');
    return { isOk: code === 0, text: Buffer.concat(printed).toString() };
  } catch (error) {
    return { isOk: false, text: error.message };
  }
}

async function runStep({ name, command, count }, env, isAlone) {
  if (isAlone) console.log(`\n== ${name}`);
  const { isOk, text } = await run(command, env, isAlone);
  if (!isAlone) console.log(`\n== ${name}\n${text.trimEnd()}`);
  let counted = { passed: isOk ? 1 : 0, failed: isOk ? 0 : 1 };
  try {
    if (count) counted = count();
  } catch (error) {
    console.error(`${name}: no report was written (${error.message})`);
    return { name, passed: 0, failed: 1 };
  }
  // A step that failed outside its tests (a crash, an unhandled error) must not pass for its tests' sake.
  if (!isOk && counted.failed === 0) counted.failed = 1;
  return { name, ...counted };
}

/** As many at a time as there are cores, in their order. */
async function runSideBySide(steps, env) {
  const waiting = [...steps];
  const results = [];
  const work = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) results.push(await runStep(step, env, false));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return results;
}

rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const env = { ...process.env };
const summary = [];
for (const part of wanted) {
  if (part === 'e2e') {
    const { path, from } = findChromium();
    console.log(`\nBrowser tests drive ${path} (${from}).`);
    env.RECALL_CHROMIUM = path;
  }
  if (part === 'check') summary.push(...(await runSideBySide(SIDE_BY_SIDE, env)));
  for (const step of ONE_BY_ONE[part] ?? []) summary.push(await runStep(step, env, true));
}

if (summary.at(-1)?.name === BROWSER_TESTS && summary.at(-1)?.failed) console.log(listFailedBrowserTests());
console.log('');
for (const { name, passed, failed } of summary)
  console.log(`${failed ? 'FAIL' : ' ok '}  ${name}: ${passed} passed, ${failed} failed`);
const passed = summary.reduce((sum, step) => sum + step.passed, 0);
const failed = summary.reduce((sum, step) => sum + step.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
