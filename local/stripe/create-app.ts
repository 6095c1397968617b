import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import { type Answer, answerRequest, baseUrlOf } from './api/answer-request.ts';
import { internalError, invalidRequest, unrecognizedUrl } from './api/refusal.ts';
import type { Call, Route } from './api/route.ts';
import { type Api, NO_REQUEST, transact } from './api/transact.ts';
import { returnToCheckout, showCheckout } from './checkout/checkout-page.ts';
import { payInvoice, showInvoice } from './checkout/invoice-page.ts';
import { payCheckout } from './checkout/pay-checkout.ts';
import { answerOnboarding, showOnboarding } from './connect/onboarding-page.ts';
import { answerChallenge, showChallenge } from './pages/challenge-page.ts';
import { changePortal, showPortal } from './pages/portal.ts';
import { showReceipt } from './pages/receipt-page.ts';
import { type Field, type PageAnswer, sendPage } from './pages/send-page.ts';
import { registerControl } from './register-control.ts';
import { routes } from './routes.ts';
import { STRIPE_JS_PATH, serveStripeJs } from './stripe-js/serve-stripe-js.ts';

type Handler = (call: Call, field: Field) => PageAnswer;

function fieldOf(request: Request): Field {
  const given: Record<string, unknown> = { ...request.query, ...request.body, ...request.params };
  return (name) => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    return typeof value === 'string' ? value : '';
  };
}

function answerWith(api: Api, handler: Handler) {
  return (request: Request, response: Response): void => {
    api.runDue();
    const id = String(request.params.id ?? '');
    // A page does what Stripe.js does with the publishable key: the person in front of it may type a number.
    const origin = { ...NO_REQUEST, keyKind: 'publishable', id, baseUrl: baseUrlOf(api, request) } as const;
    sendPage(
      response,
      transact(api, origin, (call) => handler(call, fieldOf(request))),
    );
  };
}

/** The pages that people see in a browser: Checkout, an invoice, the bank's challenge, the customer's portal. */
function registerPages(app: Express, api: Api): void {
  app.get('/c/pay/:id', answerWith(api, showCheckout));
  app.post('/c/pay/:id', answerWith(api, payCheckout));
  app.get('/c/pay/:id/return', answerWith(api, returnToCheckout));
  app.get('/i/:id', answerWith(api, showInvoice));
  app.post('/i/:id', answerWith(api, payInvoice));
  app.get('/3d-secure/:id', answerWith(api, showChallenge));
  app.post('/3d-secure/:id', answerWith(api, answerChallenge));
  app.get('/p/session/:id/:secret', answerWith(api, showPortal));
  app.post('/p/session/:id/:secret', answerWith(api, changePortal));
  app.get('/receipts/:id', answerWith(api, showReceipt));
  app.get('/connect/:id', answerWith(api, showOnboarding));
  app.post('/connect/:id', answerWith(api, answerOnboarding));
}

const CORS_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-allow-headers': 'Authorization, Content-Type, Idempotency-Key, Stripe-Version',
  'access-control-expose-headers': 'Request-Id, Stripe-Should-Retry, Idempotent-Replayed',
  'access-control-max-age': '300',
};

function send(response: Response, answer: Answer): void {
  if (answer.fate === 'withheld') return;
  if (answer.fate === 'dropped') {
    response.socket?.destroy();
    return;
  }
  response.status(answer.status).set(answer.headers).json(answer.body);
}

const answerFailure: ErrorRequestHandler = (error: unknown, request, response, _next) => {
  const status: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'status') : undefined;
  const clientFault = typeof status === 'number' && status >= 400 && status < 500;
  if (!clientFault) console.error(`stripe stand-in: ${request.method} ${request.path} failed`, error);
  const reply = (clientFault ? invalidRequest('Invalid request') : internalError()).toReply();
  response.status(reply.status).json(reply.body);
};

/** The same method and path may exist once for each kind of key. */
function groupByEndpoint(all: readonly Route[]): Map<string, Route[]> {
  return Map.groupBy(all, ({ method, path }) => `${method} ${path}`);
}

/** The HTTP application: Stripe's API, its errors for everything else, and `GET /health`. */
export function createApp(api: Api): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'extended');
  app.set('json spaces', 2);
  app.get('/health', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.use(STRIPE_JS_PATH, serveStripeJs());
  app.use(express.urlencoded({ extended: true }));
  app.use('/v2', express.json({ limit: '1mb' }));
  registerPages(app, api);
  registerControl(app, api);
  for (const [endpoint, candidates] of groupByEndpoint(routes)) {
    const [method = '', path = ''] = endpoint.split(' ');
    const forBrowsers = candidates.some(({ keyKind }) => keyKind === 'publishable');
    const verb = method === 'GET' ? 'get' : method === 'POST' ? 'post' : 'delete';
    app[verb](path, async (request, response) => {
      if (forBrowsers) response.set(CORS_HEADERS);
      send(response, await answerRequest(api, request, candidates));
    });
    if (forBrowsers) {
      app.options(path, (_request, response) => {
        response.status(204).set(CORS_HEADERS).end();
      });
    }
  }
  app.use((request, response) => {
    const { status, body } = unrecognizedUrl(request.method, request.path).toReply();
    response.status(status).json(body);
  });
  app.use(answerFailure);
  return app;
}
