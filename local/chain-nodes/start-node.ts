import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** An error as JSON-RPC has it (https://www.jsonrpc.org/specification, 5.1). */
export class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = 'RpcError';
    this.code = code;
  }
}

export type Methods = Readonly<Record<string, (params: readonly unknown[]) => unknown>>;

/** What goes wrong with a node. */
type NodeFaults = {
  latencyMs?: number;
  /** The connection is cut, as of a node that is not there. */
  dead?: boolean;
  /** Takes the question and never answers. */
  hangs?: boolean;
  /** Answers every request with this status. */
  status?: number;
  /** What is sent instead of JSON. */
  garbage?: string;
  /** Answers something else than the truth. */
  lie?: (method: string, result: unknown, params: readonly unknown[]) => unknown;
};

export type ScriptedNode = {
  readonly url: string;
  /** How many questions came, by method. */
  readonly asked: Map<string, number>;
  /** Replaces what goes wrong; nothing does without. */
  fail(faults?: NodeFaults): void;
  close(): Promise<void>;
};

const MOST_BYTES = 5 * 1024 * 1024;

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BYTES) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

type Call = { jsonrpc?: unknown; id?: unknown; method?: unknown; params?: unknown };

function answerOne(methods: Methods, call: Call, asked: Map<string, number>, lie: NodeFaults['lie']): object {
  const { id = null, method, params = [] } = call;
  const failed = (code: number, message: string) => ({ jsonrpc: '2.0', id, error: { code, message } });
  if (call.jsonrpc !== '2.0' || typeof method !== 'string' || !Array.isArray(params))
    return failed(-32_600, 'invalid request');
  asked.set(method, (asked.get(method) ?? 0) + 1);
  const handle = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (handle === undefined) return failed(-32_601, `the method ${method} does not exist/is not available`);
  try {
    const result = handle(params);
    return { jsonrpc: '2.0', id, result: (lie === undefined ? result : lie(method, result, params)) ?? null };
  } catch (error) {
    if (error instanceof RpcError) return failed(error.code, error.message);
    throw error;
  }
}

function answerText(methods: Methods, text: string, asked: Map<string, number>, faults: NodeFaults): string {
  let calls: unknown;
  try {
    calls = JSON.parse(text);
  } catch {
    return JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32_700, message: 'parse error' } });
  }
  const answer = (call: unknown) => answerOne(methods, (call ?? {}) as Call, asked, faults.lie);
  return JSON.stringify(Array.isArray(calls) ? calls.map(answer) : answer(calls));
}

/** Starts a node that answers these methods, on a free port of this machine unless one is given. */
export async function startNode(
  methods: Methods,
  { port = 0 }: { port?: number } = {},
): Promise<ScriptedNode> {
  let faults: NodeFaults = {};
  const asked = new Map<string, number>();

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const now = faults;
    if (now.dead) return void request.socket.destroy();
    const text = await readBody(request);
    if (now.latencyMs !== undefined) await sleep(now.latencyMs);
    if (now.hangs) return;
    const refuse = (status: number) => void response.writeHead(status).end();
    if (now.status !== undefined) return refuse(now.status);
    if (request.method !== 'POST') return refuse(405);
    if (!request.headers['content-type']?.startsWith('application/json')) return refuse(415);
    if (text === null) return refuse(413);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(now.garbage ?? answerText(methods, text, asked, now));
  }

  const server = createServer((request, response) => {
    respond(request, response).catch(() => response.destroy());
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    fail(next = {}) {
      faults = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
