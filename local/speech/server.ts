import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { answerError, answerUnknownRoute } from '../language-model/openai-protocol.ts';
import { createLanguageModelRoutes } from '../language-model/routes.ts';
import { isAuthorized, serveListenRoute } from './deepgram/listen-route.ts';
import { startSpeechModels } from './models/models.ts';
import { createSpeechRoute } from './openai/speech-route.ts';

const DEEPGRAM_IDLE_TIMEOUT_MS = 10_000;

export interface SpeechServerOptions {
  /** On 127.0.0.1; a free one unless given. */
  port?: number;
  deepgramApiKey: string;
  openaiApiKey: string;
  /** How long a Deepgram stream may be silent on the wire. */
  idleTimeoutMs?: number;
}

export interface SpeechServer {
  /** Such as `http://127.0.0.1:8400`: with `ws:` the plugin's `baseUrl`, with `/v1` OpenAI's `baseURL`. */
  url: string;
  close(): Promise<void>;
}

/**
 * Starts the stand-in for Deepgram's speech recognition and for OpenAI's speech and chat, on one port.
 *
 * @throws when the models cannot be loaded or the port is taken
 */
export async function startSpeechServer(options: SpeechServerOptions): Promise<SpeechServer> {
  const { port = 0, deepgramApiKey, openaiApiKey, idleTimeoutMs = DEEPGRAM_IDLE_TIMEOUT_MS } = options;
  const models = await startSpeechModels();
  const app = express();
  app.disable('x-powered-by');
  app.get('/health', (_request, response) => {
    const isRunning = models.isRunning();
    response.status(isRunning ? 200 : 503).json({ status: isRunning ? 'ok' : 'models ended' });
  });
  // What a client asks with a key of Deepgram's to see whether it holds.
  app.get('/v1/projects', (request, response) => {
    if (!isAuthorized(request, deepgramApiKey)) {
      response.status(401).json({ err_code: 'INVALID_AUTH', err_msg: 'Invalid credentials.' });
    } else
      response.json({ projects: [{ project_id: '00000000-0000-4000-8000-000000000000', name: 'local' }] });
  });
  app.use(express.json({ limit: '4mb' }));
  app.use(createSpeechRoute(models, openaiApiKey));
  app.use(createLanguageModelRoutes({ apiKey: openaiApiKey }));
  app.use(answerUnknownRoute);
  app.use(answerError);

  const server = createServer(app);
  const cutStreams = serveListenRoute(server, { models, apiKey: deepgramApiKey, idleTimeoutMs });
  const close = async () => {
    cutStreams();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
    await models.close();
  };
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  } catch (error) {
    await models.close();
    throw error;
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
