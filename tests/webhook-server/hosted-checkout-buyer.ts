import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { CreateCheckoutSessionResponse } from '../../shared/api/checkout.ts';
import type { Person } from '../support/database.ts';
import { type TestSidecar, until } from '../support/sidecar.ts';

export const CARD = {
  email: 'payer@example.com',
  method: 'card',
  number: '4242424242424242',
  expiry: '12 / 40',
  cvc: '123',
  name: 'Ada Payer',
};

/** What somebody does who buys on Stripe's page, and what becomes of it. */
export function hostedCheckoutBuyer(sidecar: TestSidecar, person: Person) {
  const { database, stripe } = sidecar;
  const ask = (key: string, body: object = {}) =>
    sidecar.post('/create-checkout-session', {
      person,
      body: { package_id: 'starter', ...body },
      headers: { 'idempotency-key': key },
    });
  async function orderOf({ purchase_id: id }: { purchase_id: string }) {
    const [row] = await database.sql`select * from purchases where id = ${id}`;
    return row ?? {};
  }
  return {
    ask,
    orderOf,
    async open(key: string = randomUUID(), body: object = {}): Promise<CreateCheckoutSessionResponse> {
      const answer = await ask(key, body);
      expect(answer.status, answer.text).toBe(201);
      return answer.body as CreateCheckoutSessionResponse;
    },
    /** Begins at the card form instead. */
    async beginByCard() {
      const key = randomUUID();
      const { payment_intent_id: intentId } = await sidecar.begin(person, 'starter', 'me', key);
      return { key, intentId };
    },
    sessionOf: ({ checkout_url: url }: CreateCheckoutSessionResponse) =>
      stripe.checkout.sessions.retrieve(url.split('/').at(-1) ?? '', { expand: ['payment_intent'] }),
    /** How many pages Stripe has for an order. */
    async countSessions({ purchase_id: id }: CreateCheckoutSessionResponse): Promise<number> {
      const pages = await stripe.checkout.sessions.list({ limit: 100 });
      return pages.data.filter(({ metadata }) => metadata?.purchase_id === id).length;
    },
    reaches: (opened: CreateCheckoutSessionResponse, status: string) =>
      until(async () => (await orderOf(opened)).status === status),
    /** How many charges took money. */
    async countCharges(): Promise<number> {
      const charges = await stripe.charges.list({ limit: 100 });
      return charges.data.filter(({ metadata, paid }) => paid && metadata.user_id === person.id).length;
    },
  };
}
