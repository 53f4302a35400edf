import { test as base, expect } from '@playwright/test';
import { type ServedBuild, serveBuild } from './serve-build.ts';

interface WorkerFixtures {
  build: ServedBuild;
}

interface TestFixtures {
  /** Requests that left the origin and policy violations of page and worker; asserted empty after every test. */
  trespasses: string[];
}

/** Every test runs against the built page with its headers and fails if anything leaves the origin or breaks the policy. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  build: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's dependencies from this pattern.
    async ({}, use) => {
      const build = await serveBuild();
      await use(build);
      await build.close();
    },
    { scope: 'worker' },
  ],
  trespasses: [
    async ({ context, build }, use) => {
      const trespasses: string[] = [];
      build.setFault(null);
      context.on('request', (request) => {
        const url = new URL(request.url());
        if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== build.origin)
          trespasses.push(`request to ${url.href}`);
      });
      context.on('console', (message) => {
        if (/Content Security Policy/i.test(message.text())) trespasses.push(message.text());
      });
      await use(trespasses);
      expect(trespasses).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
