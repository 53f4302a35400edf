import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Relative URLs, so that the build runs under any sub-path.
  base: './',
  plugins: [react()],
  // Without this Vite inlines both ONNX Runtime glues into the worker.
  worker: { format: 'es' },
  build: { target: 'es2023', assetsInlineLimit: 0, manifest: true },
  server: { port: 5173 },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      { extends: true, test: { name: 'ui', environment: 'happy-dom', include: ['src/**/*.test.tsx'] } },
    ],
  },
});
