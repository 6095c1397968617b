import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:net';
import express, { type Express, type RequestHandler } from 'express';
import { listPage, messagePage } from './pages.ts';
import { createMailReceiver } from './receive-mail.ts';
import { type MessageStore, openStore } from './store.ts';

const HOST = '127.0.0.1';
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

export type Mailbox = {
  /** Of the pages. */
  url: string;
  /** Of the SMTP server. */
  smtpUrl: string;
  close(): Promise<void>;
};

async function portOf(server: Server): Promise<number> {
  if (!server.listening) await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/**
 * Starts a mailbox: an SMTP server that keeps what it is handed, and pages that show it.
 * @param options.file a path, or ':memory:'
 * @param options.port of the pages; 0, the default, takes a free one
 * @param options.smtpPort likewise
 */
export async function startMailbox(options: {
  file: string;
  port?: number;
  smtpPort?: number;
  now?: () => number;
}): Promise<Mailbox> {
  const store = openStore(options.file, options.now ?? Date.now);
  const pages = createServer(createApp(store));
  const receiver = createMailReceiver(store);
  async function close(): Promise<void> {
    const closed = [
      new Promise((resolve) => pages.close(resolve)),
      new Promise<void>((resolve) => receiver.close(resolve)),
    ];
    pages.closeAllConnections();
    await Promise.all(closed);
    store.close();
  }
  // Of a client that goes away in the middle of a message: it will try again.
  receiver.on('error', () => undefined);
  try {
    const port = await portOf(pages.listen(options.port ?? 0, HOST));
    const smtpPort = await portOf(receiver.listen(options.smtpPort ?? 0, HOST));
    return { url: `http://${HOST}:${port}`, smtpUrl: `smtp://${HOST}:${smtpPort}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}
