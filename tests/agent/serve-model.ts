import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { answerError, answerUnknownRoute } from '../../local/language-model/openai-protocol.ts';
import { createLanguageModelRoutes } from '../../local/language-model/routes.ts';

/** The stand-in for the language model, behind whatever an app does before. */
export async function serveModel(app: Express, apiKey: string) {
  app.use(createLanguageModelRoutes({ apiKey }), answerUnknownRoute, answerError);
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
