import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Length and sha256 of the wasm of each build of ONNX Runtime Web, so that its download has true progress and is checked. */
function describeRuntimeFiles() {
  const builds = { jspi: '.jspi', asyncify: '.asyncify', wasm: '' };
  return Object.fromEntries(
    Object.entries(builds).map(([build, suffix]) => {
      const path = `ort-wasm-simd-threaded${suffix}.wasm`;
      const bytes = readFileSync(new URL(`node_modules/onnxruntime-web/dist/${path}`, import.meta.url));
      return [build, { path, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }];
    }),
  );
}

/** Licences ask that their notices go with every copy: the build carries them too. */
const notices: Plugin = {
  name: 'notices',
  apply: 'build',
  generateBundle() {
    const source = readFileSync(new URL('THIRD_PARTY_NOTICES.md', import.meta.url));
    this.emitFile({ type: 'asset', fileName: 'THIRD_PARTY_NOTICES.txt', source });
  },
};

/** The page's parts are fetched with the entry that imports them, not after it has run. */
const preloads: Plugin = {
  name: 'preloads',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: (html, { bundle = {}, chunk }) => {
      const known = new Set<string>();
      const styles = new Set<string>();
      const visit = (fileName: string): void => {
        const visited = bundle[fileName];
        if (known.has(fileName) || visited?.type !== 'chunk') return;
        known.add(fileName);
        for (const style of visited.viteMetadata?.importedCss ?? []) styles.add(style);
        visited.imports.forEach(visit);
      };
      chunk?.dynamicImports.forEach(visit);
      const isNew = (fileName: string) => !html.includes(`"./${fileName}"`);
      const toLink = (rel: string) => (fileName: string) => ({
        tag: 'link',
        attrs: { rel, crossorigin: true, href: `./${fileName}` },
        injectTo: 'head' as const,
      });
      return [
        ...[...known].filter(isNew).map(toLink('modulepreload')),
        ...[...styles].filter(isNew).map(toLink('stylesheet')),
      ];
    },
  },
};

export default defineConfig({
  // Relative URLs, so that the build runs under any sub-path.
  base: './',
  plugins: [react(), notices, preloads],
  define: { __RUNTIME_FILES__: JSON.stringify(describeRuntimeFiles()) },
  // Without this Vite inlines both ONNX Runtime glues into the worker.
  worker: { format: 'es' },
  build: { target: 'es2023', assetsInlineLimit: 0, manifest: true },
  server: { port: 5173 },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'core',
          environment: 'node',
          include: ['src/core/**/*.test.ts'],
          testTimeout: 30_000,
          // Core is pure, so its files may share what was loaded: a third less processor time (31 s instead of 45).
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'engine',
          environment: 'node',
          include: ['src/engine/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          include: ['src/**/*.test.ts'],
          exclude: ['src/core/**', 'src/engine/**'],
          // Modules are not shared, though that took half the processor time (26 s instead of 46): six tests of a sweep once waited in vain for
          // a part of the page, which the file before them may still have been loading when it ended.
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'ui',
          environment: 'happy-dom',
          include: ['src/**/*.test.tsx'],
          setupFiles: ['src/testing/set-up-components.ts'],
          testTimeout: 30_000,
        },
      },
    ],
  },
});
