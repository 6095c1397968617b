import type Stripe from 'stripe';
import { CARD_ONLY } from './saved-card-steps.ts';
import { idOf, making, type Step } from './step.ts';

const PRICE = { amount: 999, currency: 'usd' } as const;

function pay(stripe: Stripe, change: Partial<Stripe.PaymentIntentCreateParams>) {
  return stripe.paymentIntents.create({ ...PRICE, confirm: true, ...CARD_ONLY, ...change });
}

/** Payments, declines and refunds. */
export const paymentSteps: readonly Step[] = [
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
