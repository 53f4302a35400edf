// Runs the gate's steps one after another, whatever fails, and ends with `N passed, N failed`.
// `node scripts/verify.mjs check` is npm run check; `check e2e` is npm test.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { findChromium } from './find-chromium.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = new URL('../test-results/', import.meta.url);
const wanted = process.argv.slice(2);
const BROWSER_TESTS = 'browser tests';
const FAILURE_LINES = 12;

/** @type {{ part: string, name: string, command: string[], count?: () => { passed: number, failed: number } }[]} */
const STEPS = [
  { part: 'check', name: 'format and lint', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { part: 'check', name: 'types of the page', command: ['tsc', '-p', 'tsconfig.json'] },
  { part: 'check', name: 'types of core, without the DOM', command: ['tsc', '-p', 'tsconfig.core.json'] },
  { part: 'check', name: 'types of tests and tools', command: ['tsc', '-p', 'tsconfig.node.json'] },
  { part: 'check', name: 'unused code', command: ['knip'] },
  {
    part: 'check',
    name: 'unit tests',
    // Vitest leaves one core to the person at the machine, which is half of a small one.
    command: [
      ...['vitest', 'run', '--maxWorkers=100%'],
      ...['--reporter=default', '--reporter=json', '--outputFile.json=test-results/unit.json'],
    ],
    count: countVitest,
  },
  { part: 'check', name: 'build', command: ['vite', 'build', '--logLevel', 'warn'] },
  { part: 'check', name: 'size budget', command: ['node', 'scripts/check-size.mjs'] },
  { part: 'e2e', name: BROWSER_TESTS, command: ['playwright', 'test'], count: countPlaywright },
];

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

function runStep({ name, command, count }, env) {
  console.log(`\n== ${name}`);
  const [program, ...args] =
    command[0] === 'node' ? [process.execPath, ...command.slice(1)] : ['npx', '--no-install', ...command];
  const isOk =
    spawnSync(program, args, { cwd: root, stdio: 'inherit', env, shell: process.platform === 'win32' }).status === 0;
  let counted = { passed: isOk ? 1 : 0, failed: isOk ? 0 : 1 };
  try {
    if (count) counted = count();
  } catch (error) {
    console.error(`${name}: no report was written (${error.message})`);
    return { passed: 0, failed: 1 };
  }
  // A step that failed outside its tests (a crash, an unhandled error) must not pass for its tests' sake.
  if (!isOk && counted.failed === 0) counted.failed = 1;
  return counted;
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
  for (const step of STEPS.filter((candidate) => candidate.part === part)) {
    summary.push({ name: step.name, ...runStep(step, env) });
  }
}

if (summary.at(-1)?.name === BROWSER_TESTS && summary.at(-1)?.failed) console.log(listFailedBrowserTests());
console.log('');
for (const { name, passed, failed } of summary)
  console.log(`${failed ? 'FAIL' : ' ok '}  ${name}: ${passed} passed, ${failed} failed`);
const passed = summary.reduce((sum, step) => sum + step.passed, 0);
const failed = summary.reduce((sum, step) => sum + step.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
