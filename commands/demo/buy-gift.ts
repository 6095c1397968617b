import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { PageConfig } from '../../shared/api/config.ts';
import type { CreatePaymentIntentResponse } from '../../shared/api/payments.ts';
import type { Gift, giftsResponse } from '../../shared/api/time-cards.ts';
import type { StatusDocument } from '../configuration/status-document.ts';
import { ask, type Person, until } from './people.ts';

/** Confirms a payment as Stripe.js does in a browser: with the publishable key and the intent's secret. */
async function payWithTestCard(status: StatusDocument, person: Person, intent: CreatePaymentIntentResponse) {
  const config = await ask<PageConfig>(status, person, '/config.json');
  const url = `${status.stripe.api_url}/v1/payment_intents/${intent.payment_intent_id}/confirm`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${config.stripe.publishable_key}` },
    body: new URLSearchParams({ client_secret: intent.client_secret, payment_method: 'pm_card_visa' }),
  });
  if (!response.ok) throw new Error(`The payment was refused: ${await response.text()}`);
}

/** Buys a package as a gift, pays with a test card, and waits until the webhook has brought the code. */
export async function buyGift(status: StatusDocument, buyer: Person, packageId: string): Promise<Gift> {
  const body = { package_id: packageId, for: 'gift' };
  const headers = { 'idempotency-key': randomUUID() };
  const intent = await ask<CreatePaymentIntentResponse>(
    status,
    buyer,
    '/create-payment-intent',
    body,
    headers,
  );
  await payWithTestCard(status, buyer, intent);
  return until('The gift', async () => {
    const { gifts } = await ask<z.infer<typeof giftsResponse>>(status, buyer, `/user/${buyer.id}/gifts`);
    return gifts[0];
  });
}
