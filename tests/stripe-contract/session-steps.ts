import { setTimeout as sleep } from 'node:timers/promises';
import type Stripe from 'stripe';
import { CARD_ONLY } from './saved-card-steps.ts';
import { idOf, making, type Step } from './step.ts';

const LONGEST_WAIT_SECONDS = 60;

/** Disputes of test cards are opened some time after the payment. */
async function disputeOf(stripe: Stripe, intent: string): Promise<Stripe.Dispute> {
  for (let waited = 0; waited < LONGEST_WAIT_SECONDS; waited += 1) {
    const [dispute] = (await stripe.disputes.list({ payment_intent: intent })).data;
    if (dispute !== undefined) return dispute;
    await sleep(1_000);
  }
  throw new Error(`no dispute was opened within ${LONGEST_WAIT_SECONDS} seconds`);
}

/** Checkout, disputes, and the end of a customer. */
export const sessionSteps: readonly Step[] = [
  {
    name: 'create a Checkout session',
    run: (stripe, made) =>
      making(
        made,
        'session',
        stripe.checkout.sessions.create({
          mode: 'payment',
          customer: idOf(made, 'customer'),
          client_reference_id: 'contract',
          line_items: [
            {
              price_data: { currency: 'usd', unit_amount: 999, product_data: { name: 'Time' } },
              quantity: 1,
            },
          ],
          payment_intent_data: { metadata: { order: '1' } },
          success_url: 'https://example.com/paid?session={CHECKOUT_SESSION_ID}',
          cancel_url: 'https://example.com/',
        }),
      ),
  },
  {
    name: 'list what a session sells',
    run: (stripe, made) => stripe.checkout.sessions.listLineItems(idOf(made, 'session')),
  },
  { name: 'expire a session', run: (stripe, made) => stripe.checkout.sessions.expire(idOf(made, 'session')) },
  {
    name: 'expire a session again',
    refused: '',
    run: (stripe, made) => stripe.checkout.sessions.expire(idOf(made, 'session')),
  },
  {
    name: 'pay with a card that is disputed',
    async run(stripe, made) {
      const params = { amount: 999, currency: 'usd', confirm: true, payment_method: 'pm_card_createDispute' };
      const intent = await making(
        made,
        'disputed',
        stripe.paymentIntents.create({ ...params, ...CARD_ONLY }),
      );
      return making(made, 'dispute', disputeOf(stripe, intent.id));
    },
  },
  {
    name: 'refund what is disputed',
    refused: 'charge_disputed',
    run: (stripe, made) => stripe.refunds.create({ payment_intent: idOf(made, 'disputed') }),
  },
  {
    name: 'answer a dispute',
    run: (stripe, made) =>
      stripe.disputes.update(idOf(made, 'dispute'), { evidence: { uncategorized_text: 'winning_evidence' } }),
  },
  {
    name: 'delete the customers',
    async run(stripe, made) {
      await stripe.customers.del(idOf(made, 'stranger'));
      return stripe.customers.del(idOf(made, 'customer'));
    },
  },
  {
    name: 'retrieve a deleted customer',
    run: (stripe, made) => stripe.customers.retrieve(idOf(made, 'customer')),
  },
  {
    name: 'pay for a deleted customer',
    refused: 'resource_missing',
    run: (stripe, made) =>
      stripe.paymentIntents.create({ amount: 999, currency: 'usd', customer: idOf(made, 'customer') }),
  },
];
