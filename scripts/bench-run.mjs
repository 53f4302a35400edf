// What the scripts that measure share.
import { createServer } from 'vite';

/** What the function `runInNode` of a TypeScript module returns; the path begins at the repository's root. */
export async function runInNode(path) {
  // The server would set "development", and a page that is built meanwhile would carry React's slow build.
  process.env.NODE_ENV = 'production';
  const server = await createServer({
    server: { middlewareMode: true, watch: null },
    logLevel: 'warn',
    appType: 'custom',
  });
  try {
    const { runInNode: run } = await server.ssrLoadModule(path);
    return await run();
  } finally {
    await server.close();
  }
}

/** A row of a table with three digits of every number. */
export function roundRow(row) {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'number' ? Number(value.toPrecision(3)) : value,
    ]),
  );
}
