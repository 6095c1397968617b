import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { PageConfig } from '../../shared/api/config.ts';
import type { CreatePaymentIntentResponse, PurchaseFor } from '../../shared/api/payments.ts';
import type { Gift, giftsResponse } from '../../shared/api/time-cards.ts';
import type { StatusDocument } from '../supervisor/state-file.ts';
import { ask, type Person, until } from './ask-sidecar.ts';

/** Buys a package and pays as Stripe.js does in a browser: with the publishable key and the intent's secret. */
async function buy(
  status: StatusDocument,
  buyer: Person,
  packageId: string,
  purpose: PurchaseFor,
): Promise<void> {
  const body = { package_id: packageId, for: purpose };
  const headers = { 'idempotency-key': randomUUID() };
  const intent = await ask<CreatePaymentIntentResponse>(
    status,
    buyer,
    '/create-payment-intent',
    body,
    headers,
  );
  const config = await ask<PageConfig>(status, buyer, '/config.json');
  const url = `${status.stripe.api_url}/v1/payment_intents/${intent.payment_intent_id}/confirm`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${config.stripe.publishable_key}` },
    body: new URLSearchParams({ client_secret: intent.client_secret, payment_method: 'pm_card_visa' }),
  });
  if (!response.ok) throw new Error(`The payment was refused: ${await response.text()}`);
}

/** Buys time for oneself with a test card. The time is there when the webhook has come. */
export const buyForMe = (status: StatusDocument, buyer: Person, packageId: string): Promise<void> =>
  buy(status, buyer, packageId, 'me');

/** Buys a package as a gift with a test card, and waits until the webhook has brought the code. */
export async function buyGift(status: StatusDocument, buyer: Person, packageId: string): Promise<Gift> {
  await buy(status, buyer, packageId, 'gift');
  return until('The gift', async () => {
    const { gifts } = await ask<z.infer<typeof giftsResponse>>(status, buyer, `/user/${buyer.id}/gifts`);
    return gifts[0];
  });
}
