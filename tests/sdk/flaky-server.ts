import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Wrong = { status?: number; headers?: Record<string, string>; drop?: boolean; code?: string };

/** Stands before a server, and does wrong what it is told to, one request after the other; then it passes all on. */
export async function startFlaky(url: string) {
  const wrongs: Wrong[] = [];
  const seen: { method: string; path: string; key: string | undefined; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const { method = '', url: path = '', headers } = request;
    seen.push({ method, path, key: headers['idempotency-key']?.toString(), body: body.toString() });
    const wrong = wrongs.shift();
    if (wrong?.drop) {
      // Done, and the answer is lost.
      if (method === 'POST') await pass();
      return void request.socket.destroy();
    }
    if (wrong !== undefined) {
      response.writeHead(wrong.status ?? 500, { 'content-type': 'application/json', ...wrong.headers });
      const error = { code: wrong.code ?? 'internal', message: 'Wrong on purpose.', request_id: 'r1' };
      return void response.end(JSON.stringify({ error }));
    }
    const answer = await pass();
    const retryAfter = answer.headers.get('retry-after');
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      ...(retryAfter !== null && { 'retry-after': retryAfter }),
    });
    response.end(Buffer.from(await answer.arrayBuffer()));

    function pass() {
      const sent = new Headers();
      for (const name of ['authorization', 'content-type', 'idempotency-key'])
        if (headers[name] !== undefined) sent.set(name, String(headers[name]));
      return fetch(url + path, { method, headers: sent, body: body.length === 0 ? null : body });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    /** What the next requests get, one after the other. */
    next: (...more: Wrong[]) => void wrongs.push(...more),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
