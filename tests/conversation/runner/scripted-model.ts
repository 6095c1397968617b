import { once } from 'node:events';
import { createServer } from 'node:http';
import express from 'express';
import { type Answer, type ChatRequest, chatRequest } from '../../../local/language-model/chat-request.ts';
import { Completion } from '../../../local/language-model/completion.ts';
import type { ModelAddress } from './run-scenario.ts';

export type Script = (request: ChatRequest) => Answer;

/** A model that says what a script says, by OpenAI's protocol. The script may be changed at any time. */
export async function startScriptedModel() {
  let script: Script = () => ({ text: 'Hello.' });
  const app = express();
  app.use(express.json({ limit: '4mb' }));
  app.post('/v1/chat/completions', (request, response) => {
    const body = chatRequest.parse(request.body);
    const completion = new Completion(body, script(body));
    response.type('text/event-stream');
    for (const chunk of completion.toChunks()) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    response.end('data: [DONE]\n\n');
  });
  app.get('/v1/models', (_request, response) => response.json({ object: 'list', data: [] }));
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (typeof bound !== 'object' || bound === null) throw new Error('no port');
  const address: ModelAddress = {
    model: 'scripted',
    apiKey: 'key',
    baseURL: `http://127.0.0.1:${bound.port}/v1`,
  };
  return {
    address,
    follow(next: Script): void {
      script = next;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
