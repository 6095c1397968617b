import { SignJWT } from 'jose';
import type Stripe from 'stripe';
import { TEST_KEYS } from '../support/keys.ts';
import { startSidecar } from '../support/sidecar.ts';
import { addPerson } from '../time/people.ts';
import type { Sabotage, World } from './world.ts';

/** A person with an access token, as the auth server would sign it. */
export type Caller = { id: string; token: string };

/** A sidecar in this process, a payment service that stays quiet unless asked, and people who buy. */
export async function openSidecarBench(world: World, sabotage: Sabotage | undefined) {
  const database = await world.openDatabase(sabotage);
  const sidecar = await startSidecar({ webhooks: false, database });
  const signingKey = new TextEncoder().encode(TEST_KEYS.jwtSecret);
  async function begin(buyer: Caller, packageId: string, purpose: 'me' | 'gift'): Promise<string> {
    const answer = await sidecar.post('/create-payment-intent', {
      token: buyer.token,
      body: { package_id: packageId, for: purpose },
      headers: { 'idempotency-key': crypto.randomUUID() },
    });
    return (answer.body as { payment_intent_id: string }).payment_intent_id;
  }
  return {
    sidecar,
    sql: database.sql,
    async person(): Promise<Caller> {
      const id = await addPerson(database.sql);
      const token = await new SignJWT({ role: 'authenticated' })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(id)
        .setExpirationTime('1h')
        .sign(signingKey);
      return { id, token };
    },
    begin,
    /** Begins a purchase and pays it, without a word to the sidecar. */
    async pay(buyer: Caller, packageId: string, purpose: 'me' | 'gift'): Promise<string> {
      const intentId = await begin(buyer, packageId, purpose);
      await sidecar.pay(intentId);
      return intentId;
    },
    /** What the payment service has told of one payment so far, oldest first. */
    async eventsOf(intentId: string): Promise<Stripe.Event[]> {
      const { data } = await sidecar.stripe.events.list({ limit: 100 });
      const isIts = ({ data: { object } }: Stripe.Event) =>
        ('payment_intent' in object && object.payment_intent === intentId) ||
        ('id' in object && object.id === intentId);
      return data.filter(isIts).reverse();
    },
    close: () => sidecar.close(),
  };
}

export type SidecarBench = Awaited<ReturnType<typeof openSidecarBench>>;
