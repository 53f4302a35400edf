import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIRequestContext } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { prependToWorker } from '../prepend-to-worker.ts';
import type { ServedBuild } from '../serve-build.ts';
import { ask, openWorkbench, QUESTION, runOnWasm } from '../workbench.ts';

const POLICY = /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self';/;

/** What a page or a worker may try and what came of it. */
interface Attempts {
  evaluated: string;
  built: string;
  fetched: string;
  violations: string[];
}

/** Runs in the page or in the worker: tries eval, new Function and a foreign fetch from a task of its own, where no debugger lends its rights. */
function attempt(foreignUrl: string): Promise<Attempts> {
  return new Promise((resolve) => {
    const violations: string[] = [];
    globalThis.addEventListener('securitypolicyviolation', (event) =>
      violations.push((event as SecurityPolicyViolationEvent).effectiveDirective),
    );
    const outcomeOf = (work: () => unknown) => {
      try {
        return `ran: ${String(work())}`;
      } catch (error) {
        return (error as Error).name;
      }
    };
    setTimeout(async () => {
      // biome-ignore lint/security/noGlobalEval: that it is refused is what is tested.
      const evaluated = outcomeOf(() => globalThis.eval('1 + 1'));
      const built = outcomeOf(() => new Function('return 1 + 1')());
      const fetched = await fetch(foreignUrl).then(
        () => 'ran',
        (error: Error) => error.name,
      );
      setTimeout(() => resolve({ evaluated, built, fetched, violations }), 100);
    }, 0);
  });
}

const REFUSED = { evaluated: 'EvalError', built: 'EvalError', fetched: 'TypeError' };

/** Every file that was asked for, whatever its kind, and one that is not there. */
async function expectPolicyOnEveryFile(build: ServedBuild, request: APIRequestContext): Promise<void> {
  const kinds = ['.html', '.js', '.css', '.wasm', '.json', '.jsonl', '.safetensors', '.svg', '.webmanifest'];
  const paths = [...new Set(build.requested)];
  const worker = paths.find((path) => path.includes('engine.worker'));
  expect(worker, 'the worker has a script of its own').toBeDefined();
  for (const kind of kinds) {
    const path =
      paths.find((each) => each.endsWith(kind)) ?? (kind === '.webmanifest' ? '/manifest.webmanifest' : kind);
    const response = await request.get(build.url + path.slice(1));
    expect(response.status(), path).toBe(200);
    expect(response.headers()['content-security-policy'], path).toMatch(POLICY);
    expect(response.headers()['x-content-type-options'], path).toBe('nosniff');
  }
  const missing = await request.get(`${build.url}nothing-here.js`);
  expect(missing.status()).toBe(404);
  expect(missing.headers()['content-security-policy']).toMatch(POLICY);
}

test('every file carries the policy, eval and a foreign fetch fail in page and workers, and nothing that the page does breaks it', async ({
  page,
  build,
  request,
  trespasses,
}) => {
  let foreignRequests = 0;
  const foreign = createServer((_, response) => {
    foreignRequests++;
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end('open');
  });
  foreign.listen(0, 'localhost');
  await once(foreign, 'listening');
  const foreignUrl = `http://localhost:${(foreign.address() as AddressInfo).port}/`;
  const listen = `self.violations = []; self.addEventListener('securitypolicyviolation', (event) => self.violations.push(event.effectiveDirective + ' ' + event.blockedURI));`;
  build.setFault(prependToWorker(listen, 'all'));
  await page.addInitScript(() => {
    const violations: string[] = [];
    Object.assign(globalThis, { violations });
    document.addEventListener('securitypolicyviolation', (event) =>
      violations.push(`${event.effectiveDirective} ${event.blockedURI}`),
    );
  });

  await openWorkbench(page, build);
  await runOnWasm(page);
  await ask(page, QUESTION);
  const readViolations = () => (globalThis as unknown as { violations: string[] }).violations;
  const kinds = () => page.workers().map((worker) => /(\w+)\.worker/.exec(worker.url())?.[1]);
  await expect
    .poll(kinds, 'the model runs in a worker, and so do statistics')
    .toEqual(expect.arrayContaining(['engine', 'statistics']));
  expect(await page.evaluate(readViolations)).toEqual([]);
  for (const worker of page.workers()) expect(await worker.evaluate(readViolations), worker.url()).toEqual([]);
  expect(trespasses).toEqual([]);
  await expectPolicyOnEveryFile(build, request);

  const attempts = [await page.evaluate(attempt, foreignUrl)];
  for (const worker of page.workers()) attempts.push(await worker.evaluate(attempt, foreignUrl));
  for (const each of attempts) {
    expect(each).toMatchObject(REFUSED);
    expect(each.violations).toEqual(expect.arrayContaining(['script-src', 'connect-src']));
  }
  expect(foreignRequests).toBe(0);
  // The attempts above are trespasses on purpose; they were listened to.
  expect(trespasses.length).toBeGreaterThan(0);
  trespasses.length = 0;
  foreign.close();
});

test('a policy that is left out is noticed: without it eval and the foreign fetch go through', async ({
  page,
  build,
}) => {
  build.setFault((_, __, response) => {
    response.removeHeader('Content-Security-Policy');
    return false;
  });
  await page.goto(build.url);
  const attempts = await page.evaluate(attempt, build.url);
  expect(attempts).toMatchObject({ evaluated: 'ran: 2', built: 'ran: 2', fetched: 'ran', violations: [] });
});
