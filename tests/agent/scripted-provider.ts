import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export const RATE = 24_000;

/** Samples that tell where they are: a piece that is heard twice, or never, shows. */
export const countingSamples = (count: number) =>
  Int16Array.from({ length: count }, (_, index) => index % 32_000);

/** How a request is answered. */
export type Script = (response: ServerResponse, input: string) => Promise<void> | void;

export const status =
  (code: number, headers: Record<string, string> = {}): Script =>
  (response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ error: { message: 'broken' } }));
  };

export const hang: Script = () => {};

export const reset: Script = (response) => void response.socket?.resetAndDestroy();

async function writeAll(response: ServerResponse, pieces: readonly (Uint8Array | string)[], ending: Script) {
  for (const piece of pieces) {
    response.write(piece);
    // Each piece travels by itself, and before whatever comes next.
    await sleep(15);
  }
  await ending(response, '');
}

const end: Script = (response) => void response.end();

/** Speech of that many milliseconds, the first of it only, and what happens then. */
export const speech =
  (ms: number, { untilMs = ms, ending = end }: { untilMs?: number; ending?: Script } = {}): Script =>
  (response) => {
    const { buffer } = countingSamples((ms * RATE) / 1000);
    // What breaks off does so in the middle of a sample.
    const bytes = new Uint8Array(buffer, 0, (untilMs * RATE * 2) / 1000 - (untilMs < ms ? 1 : 0));
    response.writeHead(200, { 'content-type': 'audio/pcm' });
    const half = Math.floor(bytes.length / 4) * 2 + 1;
    return writeAll(response, [bytes.slice(0, half), bytes.slice(half)], ending);
  };

const event = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({
    id: 'answer',
    object: 'chat.completion.chunk',
    created: 0,
    model: 'gpt-any',
    choices: [{ index: 0, delta, finish_reason: finish }],
  })}\n\n`;

const endOfEvents: Script = (response) => void response.end('data: [DONE]\n\n');

/** An answer in words, and what happens then. */
export const words =
  (texts: readonly string[], ending?: Script): Script =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const parts = texts.map((content) => event({ content }));
    return writeAll(response, ending ? parts : [...parts, event({}, 'stop')], ending ?? endOfEvents);
  };

/** An answer that calls a tool, and what happens then. */
export const toolCall =
  (name: string, ending?: Script): Script =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const call = { index: 0, id: 'call_1', type: 'function', function: { name, arguments: '{}' } };
    const parts = [event({ tool_calls: [call] }), event({}, 'tool_calls')];
    return writeAll(response, parts, ending ?? endOfEvents);
  };

export type ScriptedProvider = Awaited<ReturnType<typeof startScriptedProvider>>;

/** A server of OpenAI's protocol that answers as told: the next requests by the scripts given, others by `usually`. */
export async function startScriptedProvider(usually: Script) {
  const requests: { input: string; model: string; voice?: string; key: string; atMs: number }[] = [];
  const answered: string[] = [];
  let next: Script[] = [];
  let otherwise = usually;
  const server = createServer(async (request, response) => {
    const body: Buffer[] = [];
    for await (const piece of request) body.push(piece);
    if (request.method !== 'POST') return status(200)(response, '');
    const { input = '', model, voice } = JSON.parse(Buffer.concat(body).toString());
    const key = request.headers.authorization ?? '';
    requests.push({ input, model, voice, key, atMs: performance.now() });
    response.on('error', () => {});
    response.on('finish', () => answered.push(input));
    await (next.shift() ?? otherwise)(response, input);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    host: `127.0.0.1:${address.port}`,
    requests,
    inputs: () => requests.map(({ input }) => input),
    /** The inputs whose answers are complete. */
    answered: () => [...answered],
    /** Answers the next requests so, in this order. */
    will(...scripts: Script[]) {
      next = scripts;
    },
    /** Answers so from now on. */
    always(script: Script) {
      next = [];
      otherwise = script;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
