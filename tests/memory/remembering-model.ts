import express from 'express';
import { serveModel } from '../agent/serve-model.ts';

/** What the model does when it is asked what to remember. */
type Extraction = 'answers' | 'fails' | 'hangs' | { content: string };

/** The stand-in for the language model, which shows what it was sent and takes notes as badly as it is told to. */
export async function startRememberingModel() {
  let extraction: Extraction = 'answers';
  let embeds = true;
  let beforeNotes: () => Promise<void> = async () => {};
  /** Bodies of requests for notes, of turns, and of requests for embeddings. */
  const received = { notes: [] as string[], turns: [] as string[], embeddings: [] as string[] };
  const app = express();
  app.use(express.json({ limit: '4mb' }));
  app.post('/v1/chat/completions', async (request, response, next) => {
    if (!request.body.response_format) {
      received.turns.push(JSON.stringify(request.body));
      return next();
    }
    received.notes.push(JSON.stringify(request.body));
    await beforeNotes();
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
  const server = await serveModel(app, 'key');
  return {
    ...server,
    received,
    notes(what: Extraction) {
      extraction = what;
    },
    /** For what happens elsewhere while notes are being taken. */
    whenAskedForNotes(happens: typeof beforeNotes) {
      beforeNotes = happens;
    },
    embeddings(answered: boolean) {
      embeds = answered;
    },
  };
}
