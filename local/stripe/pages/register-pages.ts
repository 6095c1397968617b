import type { Express, Request, Response } from 'express';
import type { Api } from '../api/api.ts';
import { baseUrlOf } from '../api/incoming-call.ts';
import type { Call } from '../api/route.ts';
import { NO_REQUEST, transact } from '../api/transact.ts';
import { answerChallenge, showChallenge } from '../authentication/challenge-page.ts';
import { returnToCheckout, showCheckout } from '../checkout/checkout-page.ts';
import { payCheckout } from '../checkout/pay-checkout.ts';
import { runDueTasks } from '../later/run-due-tasks.ts';
import { changePortal, showPortal } from '../portal/portal-page.ts';
import { type Field, type PageAnswer, sendPage } from './send-page.ts';

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
    runDueTasks(api);
    const id = String(request.params.id ?? '');
    // A page does what Stripe.js does with the publishable key: the person in front of it may type a number.
    const origin = { ...NO_REQUEST, keyKind: 'publishable', id, baseUrl: baseUrlOf(api, request) } as const;
    sendPage(
      response,
      transact(api, origin, (call) => handler(call, fieldOf(request))),
    );
  };
}

/** The pages that people see in a browser: Checkout, the bank's challenge, the customer's portal. */
export function registerPages(app: Express, api: Api): void {
  app.get('/c/pay/:id', answerWith(api, showCheckout));
  app.post('/c/pay/:id', answerWith(api, payCheckout));
  app.get('/c/pay/:id/return', answerWith(api, returnToCheckout));
  app.get('/3d-secure/:id', answerWith(api, showChallenge));
  app.post('/3d-secure/:id', answerWith(api, answerChallenge));
  app.get('/p/session/:id/:secret', answerWith(api, showPortal));
  app.post('/p/session/:id/:secret', answerWith(api, changePortal));
}
