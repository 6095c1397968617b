import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { chatRequest } from '../local/language-model/chat-request.ts';
import { Completion } from '../local/language-model/completion.ts';

const REPLY = { text: 'Certainly, let us talk about that.' };
const PURCHASE = { call: { name: 'start_purchase_process', arguments: { package_id: 'starter' } } };

/** A language model that always takes the same time, and buys a package when the caller's last word is "buy". */
export async function startSlowModel(latencyMs: number) {
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') return response.end(JSON.stringify({ object: 'list', data: [] }));
    const body = chatRequest.parse(JSON.parse(await text(request)));
    await sleep(latencyMs);
    const last = body.messages.at(-1);
    const wantsTool = last?.role === 'user' && last.content.endsWith('buy');
    response.setHeader('content-type', 'text/event-stream');
    for (const chunk of new Completion(body, wantsTool ? PURCHASE : REPLY).toChunks()) {
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    }
    return response.end('data: [DONE]\n\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
