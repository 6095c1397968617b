import { once } from 'node:events';
import { createServer } from 'node:http';
import express, { type Express, type RequestHandler } from 'express';
import { listPage, messagePage } from './pages.ts';
import { type MessageStore, messageSchema, openStore } from './store.ts';

const HOST = '127.0.0.1';
const MAX_BODY = '2mb';
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'";
/** Of a message's own markup: no script, no request, and no reading of anything else from here. */
const MESSAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox";

/**
 * Only requests that name this machine: otherwise any page in the developer's browser could give itself a name that
 * leads here (DNS rebinding), and read activation codes.
 */
const onlyLocalNames: RequestHandler = (request, response, next) => {
  if (['127.0.0.1', 'localhost'].includes(request.hostname)) return next();
  response.status(403).type('text').send('The mailbox answers on 127.0.0.1 only.\n');
};

/** And changes only from its own pages, or from programs, which name no origin. */
const onlyFromHere: RequestHandler = (request, response, next) => {
  const origin = request.get('origin');
  if (origin === undefined || origin === `http://${request.get('host')}`) return next();
  response.status(403).type('text').send('Another page may not do this.\n');
};

/** Inside the frame, links would lead nowhere. */
function withLinksInNewPages(markup: string): string {
  return markup.replace(/<head\b[^>]*>/i, '$&<base target="_blank">');
}

function createApp(store: MessageStore): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(onlyLocalNames, (_request, response, next) => {
    response.set({ 'content-security-policy': PAGE_POLICY, 'cache-control': 'no-store' });
    response.set({ 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' });
    next();
  });
  app.get('/health', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/', (_request, response) => {
    response.type('html').send(listPage(store.list()));
  });
  app.get('/messages', (_request, response) => {
    response.json({ messages: store.list() });
  });
  app.post('/messages', onlyFromHere, express.json({ limit: MAX_BODY }), (request, response) => {
    const message = messageSchema.safeParse(request.body);
    if (message.success) response.status(201).json({ id: store.add(message.data).id });
    else response.status(400).json({ error: message.error.issues[0]?.path.join('.') ?? 'the body' });
  });
  app.get(['/messages/:id', '/messages/:id/html'], (request, response, next) => {
    const message = store.find(Number(request.params.id));
    if (message === undefined) return next();
    if (!request.path.endsWith('/html')) return response.type('html').send(messagePage(message));
    response
      .set('content-security-policy', MESSAGE_POLICY)
      .type('html')
      .send(withLinksInNewPages(message.html));
  });
  app.post('/clear', onlyFromHere, (_request, response) => {
    store.clear();
    response.redirect(303, '/');
  });
  app.use((_request, response) => {
    response.status(404).type('text').send('There is no such message.\n');
  });
  return app;
}

export type Mailbox = { url: string; close(): Promise<void> };

/**
 * Starts a mailbox that keeps what would have been sent by e-mail, and shows it.
 * @param options.file a path, or ':memory:'
 * @param options.port 0, the default, takes a free one
 */
export async function startMailbox(options: {
  file: string;
  port?: number;
  now?: () => number;
}): Promise<Mailbox> {
  const store = openStore(options.file, options.now ?? Date.now);
  const server = createServer(createApp(store)).listen(options.port ?? 0, HOST);
  try {
    await once(server, 'listening');
  } catch (error) {
    store.close();
    throw error;
  }
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://${HOST}:${port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      store.close();
    },
  };
}
