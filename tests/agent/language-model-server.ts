import express from 'express';
import { serveModel } from './serve-model.ts';

/** The stand-in for the language model alone, which needs no speech models. */
export async function startLanguageModel(apiKey: string) {
  let isBroken = false;
  const app = express();
  app.use('/v1/chat', (_request, response, next) => {
    if (isBroken) response.status(500).json({ error: { message: 'broken' } });
    else next();
  });
  app.use(express.json({ limit: '4mb' }));
  const server = await serveModel(app, apiKey);
  return {
    ...server,
    /** Answers every chat request with an error from now on, or not any more. */
    break: (broken: boolean) => {
      isBroken = broken;
    },
  };
}
