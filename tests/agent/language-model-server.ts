import { once } from 'node:events';
import { createServer } from 'node:http';
import express from 'express';
import { answerError, answerUnknownRoute } from '../../local/language-model/openai-protocol.ts';
import { createLanguageModelRoutes } from '../../local/language-model/routes.ts';

/** The stand-in for the language model alone, which needs no speech models. */
export async function startLanguageModel(apiKey: string) {
  let isBroken = false;
  const app = express();
  app.use('/v1/chat', (_request, response, next) => {
    if (isBroken) response.status(500).json({ error: { message: 'broken' } });
    else next();
  });
  app.use(express.json({ limit: '4mb' }));
  app.use(createLanguageModelRoutes({ apiKey }), answerUnknownRoute, answerError);
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    /** Answers every chat request with an error from now on, or not any more. */
    break: (broken: boolean) => {
      isBroken = broken;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
