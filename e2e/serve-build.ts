import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createStaticServer } from '../scripts/static-server.mjs';

/** Answers a request itself (and returns true) or lets the server answer. */
export type Intercept = (
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
) => boolean | Promise<boolean>;

export interface ServedBuild {
  /** Address of the page, under a sub-path as on a project site. */
  url: string;
  origin: string;
  /** Replaces the fault in force; null serves everything as it is. */
  setFault: (fault: Intercept | null) => void;
  /** Paths asked for so far, in order. */
  requested: string[];
  close: () => Promise<void>;
}

const DIST = fileURLToPath(new URL('../dist', import.meta.url));

/** Serves a build on a free port under `/x/y/`, with the headers that it is published with. */
export async function serveBuild(root = DIST): Promise<ServedBuild> {
  let fault: Intercept | null = null;
  const requested: string[] = [];
  const server = await createStaticServer({
    root,
    base: '/x/y/',
    intercept: (path: string, request: IncomingMessage, response: ServerResponse) => {
      requested.push(path);
      return fault?.(path, request, response) ?? false;
    },
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/x/y/`,
    origin,
    requested,
    setFault: (next) => {
      fault = next;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
