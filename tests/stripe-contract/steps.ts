import { setTimeout as sleep } from 'node:timers/promises';
import type Stripe from 'stripe';
import { connectSteps } from './connect-steps.ts';
import { invoiceSteps } from './invoice-steps.ts';
import { meterSteps } from './meter-steps.ts';
import { idOf, making, type Step } from './step.ts';

const CARD_ONLY = { automatic_payment_methods: { enabled: true, allow_redirects: 'never' } } as const;

/** Customers and the cards that they keep. */
const savedCardSteps: readonly Step[] = [
  {
    name: 'create a customer',
    run: (stripe, made) =>
      making(
        made,
        'customer',
        stripe.customers.create({ email: 'contract@example.com', metadata: { a: '1' } }),
      ),
  },
  {
    name: 'create another customer',
    run: (stripe, made) => making(made, 'stranger', stripe.customers.create({})),
  },
  { name: 'retrieve a customer', run: (stripe, made) => stripe.customers.retrieve(idOf(made, 'customer')) },
  {
    name: 'retrieve an unknown customer',
    refused: 'resource_missing',
    run: (stripe) => stripe.customers.retrieve('cus_contractnone'),
  },
  {
    name: 'create a customer with an unknown parameter',
    refused: 'parameter_unknown',
    run: (stripe) => stripe.customers.create({ nonsense: 'x' } as never),
  },
  {
    name: 'use an idempotency key for something else',
    refused: '',
    async run(stripe, made) {
      const options = { idempotencyKey: `contract-${idOf(made, 'customer')}` };
      await stripe.customers.update(idOf(made, 'stranger'), { name: 'A' }, options);
      return stripe.customers.update(idOf(made, 'stranger'), { name: 'B' }, options);
    },
  },
  {
    name: 'attach a card',
    run: (stripe, made) =>
      making(
        made,
        'card',
        stripe.paymentMethods.attach('pm_card_visa', { customer: idOf(made, 'customer') }),
      ),
  },
  {
    name: 'attach a card that is declined',
    refused: 'card_declined',
    run: (stripe, made) =>
      stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer: idOf(made, 'customer') }),
  },
  {
    name: 'list the cards of a customer',
    run: (stripe, made) => stripe.paymentMethods.list({ customer: idOf(made, 'customer'), type: 'card' }),
  },
  {
    name: 'make a card the default',
    run: (stripe, made) =>
      stripe.customers.update(idOf(made, 'customer'), {
        invoice_settings: { default_payment_method: idOf(made, 'card') },
      }),
  },
  {
    name: 'set a card up',
    run: (stripe, made) =>
      stripe.setupIntents.create({
        customer: idOf(made, 'customer'),
        confirm: true,
        payment_method: 'pm_card_mastercard',
        ...CARD_ONLY,
      }),
  },
  {
    name: 'set up a card that needs authentication',
    run: (stripe, made) =>
      making(
        made,
        'setup',
        stripe.setupIntents.create({
          customer: idOf(made, 'customer'),
          confirm: true,
          payment_method: 'pm_card_authenticationRequired',
          return_url: 'https://example.com/back',
        }),
      ),
  },
  {
    name: 'cancel a setup',
    run: (stripe, made) => stripe.setupIntents.cancel(idOf(made, 'setup')),
  },
  {
    name: 'cancel a setup again',
    refused: 'setup_intent_unexpected_state',
    run: (stripe, made) => stripe.setupIntents.cancel(idOf(made, 'setup')),
  },
];

const PRICE = { amount: 999, currency: 'usd' } as const;

function pay(stripe: Stripe, change: Partial<Stripe.PaymentIntentCreateParams>) {
  return stripe.paymentIntents.create({ ...PRICE, confirm: true, ...CARD_ONLY, ...change });
}

/** Payments, declines and refunds. */
const paymentSteps: readonly Step[] = [
  {
    name: 'create a payment intent',
    run: (stripe, made) => making(made, 'open', stripe.paymentIntents.create({ ...PRICE, ...CARD_ONLY })),
  },
  {
    name: 'create a payment intent of ten cents',
    refused: 'amount_too_small',
    run: (stripe) => stripe.paymentIntents.create({ ...PRICE, amount: 10 }),
  },
  {
    name: 'confirm without a payment method',
    refused: 'payment_intent_unexpected_state',
    run: (stripe, made) => stripe.paymentIntents.confirm(idOf(made, 'open')),
  },
  {
    name: 'cancel a payment intent',
    run: (stripe, made) =>
      stripe.paymentIntents.cancel(idOf(made, 'open'), { cancellation_reason: 'abandoned' }),
  },
  {
    name: 'pay with a saved card, without its holder',
    run: (stripe, made) =>
      making(
        made,
        'paid',
        pay(stripe, {
          customer: idOf(made, 'customer'),
          payment_method: idOf(made, 'card'),
          off_session: true,
          expand: ['latest_charge'],
        }),
      ),
  },
  {
    name: 'confirm what was paid',
    refused: 'payment_intent_unexpected_state',
    run: (stripe, made) => stripe.paymentIntents.confirm(idOf(made, 'paid')),
  },
  {
    name: 'pay with the card of somebody else',
    refused: '',
    run: (stripe, made) =>
      pay(stripe, { customer: idOf(made, 'stranger'), payment_method: idOf(made, 'card') }),
  },
  {
    name: 'pay with a card that is declined',
    refused: 'card_declined',
    run: (stripe) => pay(stripe, { payment_method: 'pm_card_chargeDeclinedInsufficientFunds' }),
  },
  {
    name: 'pay without the holder of a card that needs them',
    refused: 'authentication_required',
    run: (stripe, made) =>
      pay(stripe, {
        customer: idOf(made, 'customer'),
        payment_method: 'pm_card_authenticationRequired',
        off_session: true,
      }),
  },
  {
    name: 'pay with a card that needs authentication',
    run: (stripe) =>
      stripe.paymentIntents.create({
        ...PRICE,
        confirm: true,
        payment_method: 'pm_card_authenticationRequired',
        return_url: 'https://example.com/back',
      }),
  },
  {
    name: 'refund in part',
    run: (stripe, made) => stripe.refunds.create({ payment_intent: idOf(made, 'paid'), amount: 100 }),
  },
  {
    name: 'refund more than is left',
    refused: '',
    run: (stripe, made) => stripe.refunds.create({ payment_intent: idOf(made, 'paid'), amount: 900 }),
  },
  {
    name: 'refund the rest',
    run: (stripe, made) => stripe.refunds.create({ payment_intent: idOf(made, 'paid') }),
  },
  {
    name: 'refund what was refunded',
    refused: 'charge_already_refunded',
    run: (stripe, made) => stripe.refunds.create({ payment_intent: idOf(made, 'paid') }),
  },
  {
    name: 'list the events of payments',
    run: (stripe) => stripe.events.list({ types: ['payment_intent.succeeded'], limit: 1 }),
  },
];

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
const sessionSteps: readonly Step[] = [
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

/** The same calls for the stand-in and for Stripe, in this order. */
export const STEPS: readonly Step[] = [
  ...savedCardSteps,
  ...meterSteps,
  ...invoiceSteps,
  ...paymentSteps,
  ...sessionSteps,
  ...connectSteps,
];
