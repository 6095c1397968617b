import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { SpeechModels } from '../models/models.ts';
import { ListenConnection } from './listen-connection.ts';
import { parseListenOptions } from './listen-options.ts';

export interface ListenRouteOptions {
  models: SpeechModels;
  apiKey: string;
  /** See `ListenContext`; Deepgram's is 10 seconds. */
  idleTimeoutMs: number;
}

/**
 * Serves Deepgram's streaming speech recognition on `/v1/listen`.
 * Refusals come before the upgrade, as an HTTP answer in Deepgram's shape.
 *
 * @returns a function that cuts all connections
 */
export function serveListenRoute(server: Server, { models, apiKey, idleTimeoutMs }: ListenRouteOptions) {
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    const requestId = randomUUID();
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname !== '/v1/listen') {
      return refuse(socket, 404, requestId, 'NOT_FOUND', 'No such path.');
    }
    if (!isAuthorized(request, apiKey)) {
      return refuse(socket, 401, requestId, 'INVALID_AUTH', 'Invalid credentials.');
    }
    const options = parseListenOptions(url.searchParams);
    if (typeof options === 'string') {
      return refuse(socket, 400, requestId, 'INVALID_QUERY_PARAMETER', options);
    }
    sockets.once('headers', (headers) => headers.push(`dg-request-id: ${requestId}`));
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      new ListenConnection(webSocket, { models, options, requestId, idleTimeoutMs });
    });
  });
  return () => {
    for (const client of sockets.clients) client.terminate();
    sockets.close();
  };
}

export function isAuthorized(request: IncomingMessage, apiKey: string): boolean {
  return /^token\s+(.*)$/i.exec(request.headers.authorization ?? '')?.[1] === apiKey;
}

const REASONS = { 400: 'Bad Request', 401: 'Unauthorized', 404: 'Not Found' } as const;

function refuse(
  socket: Duplex,
  status: keyof typeof REASONS,
  requestId: string,
  code: string,
  message: string,
): void {
  const body = JSON.stringify({ err_code: code, err_msg: message, request_id: requestId });
  // A client that hangs up first is no fault of ours.
  socket.on('error', () => undefined);
  socket.end(
    [
      `HTTP/1.1 ${status} ${REASONS[status]}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `dg-request-id: ${requestId}`,
      `dg-error: ${code}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
