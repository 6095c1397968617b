import express, { type Express, type Request, type Response } from 'express';
import { z } from 'zod';
import { authenticate } from './api/authenticate.ts';
import { noSuchReference, StripeRefusal } from './api/refusal.ts';
import { type Api, NO_REQUEST, transact } from './api/transact.ts';
import { decideAccount } from './connect/accounts.ts';
import { openDispute } from './disputes/dispute-rules.ts';
import { faultRules } from './faults/fault-plan.ts';

const disputeRequest = z.strictObject({
  charge: z.string(),
  cause: z.enum(['fraudulent', 'inquiry', 'product_not_received']).default('fraudulent'),
});

/** A dispute about any charge, as when the holder of a card calls their bank. */
export function disputeCharge(api: Api, request: z.input<typeof disputeRequest>): string {
  const { charge: chargeId, cause } = disputeRequest.parse(request);
  return transact(api, NO_REQUEST, (call) => {
    const charge = call.store.find('charge', chargeId);
    if (charge?.status !== 'succeeded') throw noSuchReference('charge', chargeId, 'charge');
    return openDispute(call, charge, cause).id;
  });
}

const accountRequest = z.strictObject({
  account: z.string(),
  transfers: z.enum(['active', 'pending', 'rejected', 'restricted', 'unsupported']).optional(),
  payouts: z.enum(['enabled', 'paused', 'failing']).optional(),
});

/** Stripe comes to know more of a seller: what they may get, and whether their bank takes it. */
export function changeAccount(api: Api, request: z.input<typeof accountRequest>): void {
  const { account, ...decision } = accountRequest.parse(request);
  transact(api, NO_REQUEST, (call) => decideAccount(call, account, decision));
}

function withSecretKey(api: Api, answer: (request: Request) => object) {
  return (request: Request, response: Response): void => {
    api.runDue();
    try {
      if (authenticate(api.keys, request.get('authorization'), undefined) !== 'secret') {
        response.status(403).json({ error: { message: 'The secret key is needed.' } });
        return;
      }
      response.json(answer(request));
    } catch (error) {
      if (error instanceof z.ZodError) {
        response.status(400).json({ error: { message: z.prettifyError(error) } });
      } else if (error instanceof StripeRefusal) {
        const { status, body } = error.toReply();
        response.status(status).json(body);
      } else throw error;
    }
  };
}

/**
 * What Stripe's API does not have, under `/_faults`, in JSON and with the secret key: the plan of faults
 * (GET, PUT, DELETE), disputes on demand (`POST /_faults/disputes`), and what becomes of sellers (`POST /_faults/accounts`).
 */
export function registerControl(app: Express, api: Api): void {
  const { faults } = api;
  app.use('/_faults', express.json());
  app.get(
    '/_faults',
    withSecretKey(api, () => ({ faults: faults.list() })),
  );
  app.put(
    '/_faults',
    withSecretKey(api, (request) => {
      faults.set(faultRules.parse(Reflect.get(Object(request.body), 'faults')));
      return { faults: faults.list() };
    }),
  );
  app.delete(
    '/_faults',
    withSecretKey(api, () => {
      faults.set([]);
      return { faults: [] };
    }),
  );
  app.post(
    '/_faults/disputes',
    withSecretKey(api, (request) => ({ dispute: disputeCharge(api, disputeRequest.parse(request.body)) })),
  );
  app.post(
    '/_faults/accounts',
    withSecretKey(api, (request) => {
      changeAccount(api, accountRequest.parse(request.body));
      return {};
    }),
  );
}
