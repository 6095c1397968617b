import { Router } from 'express';
import { answer, forcedCall } from './answer.ts';
import { chatRequest } from './chat-request.ts';
import { Completion } from './completion.ts';
import { embeddings, embeddingsRequest } from './embeddings.ts';
import { hasModel, LISTED } from './models.ts';
import { takeNotes } from './notes.ts';
import {
  requireApiKey,
  sendInvalidBody,
  sendUnableToCall,
  sendUnableToFit,
  sendUnknownModel,
} from './openai-protocol.ts';

/**
 * `GET /v1/models` and one of them, `POST /v1/chat/completions`, streamed or not, and `POST /v1/embeddings`. The app must parse JSON bodies before, and
 * answer unknown routes and errors after (`openai-protocol.ts`).
 */
export function createLanguageModelRoutes({ apiKey }: { apiKey: string }): Router {
  const router = Router();
  // By route: on the same port others are asked with other keys.
  const withKey = requireApiKey(apiKey);

  const describe = (id: string) => ({ id, object: 'model', created: 0, owned_by: 'local' });
  router.get('/v1/models', withKey, (_request, response) => {
    response.json({ object: 'list', data: LISTED.map(describe) });
  });

  router.get('/v1/models/:model', withKey, (request, response) => {
    const id = String(request.params.model);
    const isOurs = (['chat', 'embeddings', 'speech'] as const).some((kind) => hasModel(kind, id));
    if (!isOurs) return sendUnknownModel(response, id);
    response.json(describe(id));
  });

  router.post('/v1/chat/completions', withKey, (request, response) => {
    const body = chatRequest.safeParse(request.body);
    if (!body.success) return sendInvalidBody(response, body.error);
    if (!hasModel('chat', body.data.model)) return sendUnknownModel(response, body.data.model);
    const isStructured = body.data.response_format?.type === 'json_schema';
    const structured = isStructured ? takeNotes(body.data) : undefined;
    if (isStructured && structured === undefined) return sendUnableToFit(response);
    const wanted = structured ?? forcedCall(body.data, answer(body.data));
    if (wanted === null) return sendUnableToCall(response);
    const completion = new Completion(body.data, wanted);
    if (!body.data.stream) {
      response.json(completion.toJson());
      return;
    }
    response.type('text/event-stream');
    for (const chunk of completion.toChunks()) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    response.end('data: [DONE]\n\n');
  });

  router.post('/v1/embeddings', withKey, (request, response) => {
    const body = embeddingsRequest.safeParse(request.body);
    if (!body.success) return sendInvalidBody(response, body.error);
    if (!hasModel('embeddings', body.data.model)) return sendUnknownModel(response, body.data.model);
    response.json(embeddings(body.data));
  });

  return router;
}
