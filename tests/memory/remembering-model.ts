import { once } from 'node:events';
import { createServer } from 'node:http';
import express from 'express';
import { answerError, answerUnknownRoute } from '../../local/language-model/openai-protocol.ts';
import { createLanguageModelRoutes } from '../../local/language-model/routes.ts';

/** What the model does when it is asked what to remember. */
type Extraction = 'answers' | 'fails' | 'hangs' | { content: string };

/** The stand-in for the language model, which shows what it was sent and takes notes as badly as it is told to. */
export async function startRememberingModel() {
  let extraction: Extraction = 'answers';
  let embeds = true;
  /** Bodies of requests for notes, of turns, and of requests for embeddings. */
  const received = { notes: [] as string[], turns: [] as string[], embeddings: [] as string[] };
  const app = express();
  app.use(express.json({ limit: '4mb' }));
  app.post('/v1/chat/completions', (request, response, next) => {
    if (!request.body.response_format) {
      received.turns.push(JSON.stringify(request.body));
      return next();
    }
    received.notes.push(JSON.stringify(request.body));
    if (extraction === 'answers') return next();
    if (extraction === 'hangs') return;
    if (extraction === 'fails') return void response.status(500).json({ error: { message: 'broken' } });
    const message = { role: 'assistant', content: extraction.content, refusal: null };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    response.json({ id: 'x', object: 'chat.completion', created: 0, model: 'm', choices });
  });
  app.post('/v1/embeddings', (request, response, next) => {
    received.embeddings.push(JSON.stringify(request.body));
    if (embeds) next();
    else response.status(500).json({ error: { message: 'broken' } });
  });
  app.use(createLanguageModelRoutes({ apiKey: 'key' }), answerUnknownRoute, answerError);
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    received,
    notes(what: Extraction) {
      extraction = what;
    },
    embeddings(answered: boolean) {
      embeds = answered;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
