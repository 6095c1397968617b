import { Router } from 'express';
import { answer } from './answer.ts';
import { chatRequest } from './chat-request.ts';
import { Completion } from './completion.ts';
import { embeddings, embeddingsRequest } from './embeddings.ts';
import { takeNotes } from './notes.ts';
import { requireApiKey, sendInvalidBody, sendUnableToFit } from './openai-protocol.ts';

/**
 * `GET /v1/models`, `POST /v1/chat/completions`, streamed or not, and `POST /v1/embeddings`. The app must parse JSON bodies before, and
 * answer unknown routes and errors after (`openai-protocol.ts`).
 */
export function createLanguageModelRoutes({ apiKey }: { apiKey: string }): Router {
  const router = Router();
  router.use('/v1', requireApiKey(apiKey));

  router.get('/v1/models', (_request, response) => {
    const model = { id: 'intent-matcher', object: 'model', created: 0, owned_by: 'local' };
    response.json({ object: 'list', data: [model] });
  });

  router.post('/v1/chat/completions', (request, response) => {
    const body = chatRequest.safeParse(request.body);
    if (!body.success) return sendInvalidBody(response, body.error);
    const isStructured = body.data.response_format?.type === 'json_schema';
    const structured = isStructured ? takeNotes(body.data) : undefined;
    if (isStructured && structured === undefined) return sendUnableToFit(response);
    const completion = new Completion(body.data, structured ?? answer(body.data));
    if (!body.data.stream) {
      response.json(completion.toJson());
      return;
    }
    response.type('text/event-stream');
    for (const chunk of completion.toChunks()) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    response.end('data: [DONE]\n\n');
  });

  router.post('/v1/embeddings', (request, response) => {
    const body = embeddingsRequest.safeParse(request.body);
    if (!body.success) return sendInvalidBody(response, body.error);
    response.json(embeddings(body.data));
  });

  return router;
}
