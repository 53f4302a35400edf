// Serves the built page with its security headers: `node scripts/serve.mjs [port]`.
import { fileURLToPath } from 'node:url';
import { createStaticServer } from './static-server.mjs';

const port = Number(process.argv[2] ?? process.env.PORT ?? 4173);
const root = fileURLToPath(new URL('../dist', import.meta.url));
const server = await createStaticServer({ root });

server.on('error', (error) => {
  const hint =
    error.code === 'EADDRINUSE' ? `Port ${port} is taken; choose another: PORT=4174 npm start` : error.message;
  console.error(hint);
  process.exit(1);
});
server.listen(port, () => console.log(`Recall Lab is at http://localhost:${port}  (Ctrl+C stops it)`));
