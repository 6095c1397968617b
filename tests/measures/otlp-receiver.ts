import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Takes what comes by OTLP over HTTP, and answers as a receiver does. */
export async function startOtlpReceiver() {
  const received: { path: string; bytes: string }[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    // Protocol Buffers have text as it is.
    received.push({ path: request.url ?? '', bytes: Buffer.concat(pieces).toString('latin1') });
    response.setHeader('content-type', 'application/x-protobuf').end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    paths: () => received.map(({ path }) => path),
    /** All bytes so far, one character each. */
    bytes: () => received.map(({ bytes }) => bytes).join(''),
    forget: () => received.splice(0),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
