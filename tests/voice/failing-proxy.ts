import { once } from 'node:events';
import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Passes HTTP requests on to another address; the next one to a path can be left without an answer. */
export async function startFailingProxy(to: string) {
  const hanging = new Set<string>();
  let hung = 0;
  const server = createServer((near, response) => {
    const path = near.url ?? '/';
    if (hanging.delete(path)) {
      hung++;
      near.resume();
      return;
    }
    const { hostname, port } = new URL(to);
    const { method, headers } = near;
    const far = ask({ hostname, port, path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    far.on('error', () => response.destroy());
    response.on('close', () => far.destroy());
    near.pipe(far);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The next request to that path gets no answer. */
    hangOnce: (path: string) => void hanging.add(path),
    /** Requests that were left without an answer. */
    hung: () => hung,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
