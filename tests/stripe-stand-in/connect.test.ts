import { setTimeout as sleep } from 'node:timers/promises';
import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import type { StripeStandIn } from '../../local/stripe/server.ts';
import { CARD_ONLY, clientOf, refusalOf, startForTest, startReceiver } from './harness.ts';

const account = (country = 'us'): Stripe.V2.Core.AccountCreateParams => ({
  contact_email: 'seller@example.com',
  display_name: 'Seller',
  dashboard: 'express',
  identity: { country, entity_type: 'individual' },
  configuration: {
    recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } },
  },
  defaults: {
    currency: 'usd',
    responsibilities: { fees_collector: 'application', losses_collector: 'application' },
  },
});

async function seller(standIn: StripeStandIn, stripe: Stripe): Promise<string> {
  const { id } = await stripe.v2.core.accounts.create(account());
  standIn.changeAccount(id, { transfers: 'active' });
  return id;
}

async function charge(stripe: Stripe, amount: number, currency = 'usd'): Promise<string> {
  const intent = await stripe.paymentIntents.create({
    amount,
    currency,
    confirm: true,
    payment_method: 'pm_card_visa',
    transfer_group: 'batch_1',
    ...CARD_ONLY,
  });
  return String(intent.latest_charge);
}
const has = async (stripe: Stripe, stripeAccount?: string) =>
  (await stripe.balance.retrieve({}, stripeAccount === undefined ? {} : { stripeAccount })).available[0]
    ?.amount;

describe('sellers', () => {
  test('are known once they told who they are, on a page that opens once; both kinds of events tell of it', async () => {
    const [full, thin] = [await startReceiver(), await startReceiver()];
    const standIn = await startForTest({
      webhook: { url: full.url, secret: 'whsec_a' },
      thinWebhook: { url: thin.url, secret: 'whsec_b' },
    });
    const stripe = clientOf(standIn);
    const { id } = await stripe.v2.core.accounts.create(account());
    const status = async () =>
      (await stripe.v2.core.accounts.retrieve(id, { include: ['configuration.recipient'] })).configuration
        ?.recipient?.capabilities?.stripe_balance?.stripe_transfers?.status;
    expect(await status()).toBe('restricted');
    expect((await stripe.v2.core.accounts.retrieve(id)).configuration).toBeUndefined();
    const link = await stripe.v2.core.accountLinks.create({
      account: id,
      use_case: {
        type: 'account_onboarding',
        account_onboarding: {
          refresh_url: 'https://example.com/again',
          return_url: 'https://example.com/back',
        },
      },
    });
    const submit = () =>
      fetch(link.url, {
        method: 'POST',
        body: new URLSearchParams({ answer: 'submit' }),
        redirect: 'manual',
      });
    expect((await submit()).headers.get('location')).toBe('https://example.com/back');
    expect(await status()).toBe('active');
    expect((await submit()).headers.get('location')).toBe('https://example.com/again');
    while (thin.received.length < 3 || full.received.length < 1) await sleep(5);
    const types = thin.received.map(({ body }) => JSON.parse(body).type).sort();
    expect(types).toEqual([
      'v2.core.account[configuration.recipient].capability_status_updated',
      'v2.core.account[requirements].updated',
      'v2.core.account_link.returned',
    ]);
    const updated = JSON.parse(full.received[0]?.body ?? '');
    expect(updated).toMatchObject({ type: 'account.updated', account: id });
    expect(updated.data.object).toMatchObject({
      id,
      payouts_enabled: true,
      capabilities: { transfers: 'active' },
    });
  });

  test('get parts of one charge, together never more than it, in its currency, and only where they may', async () => {
    const standIn = await startForTest();
    const stripe = clientOf(standIn);
    const [one, other] = [await seller(standIn, stripe), await seller(standIn, stripe)];
    const source_transaction = await charge(stripe, 2000);
    const part = (amount: number, destination: string, more = {}) =>
      stripe.transfers.create({ amount, currency: 'usd', destination, source_transaction, ...more });
    await part(950, one);
    await part(950, other);
    expect((await refusalOf(part(101, one))).message).toContain(
      'must not exceed the source amount of $20.00',
    );
    expect((await refusalOf(part(1, one, { currency: 'eur' }))).message).toContain('must be the same as');
    const stranger = (await stripe.v2.core.accounts.create(account('ch'))).id;
    const code = 'insufficient_capabilities_for_transfer';
    expect((await refusalOf(part(1, stranger))).code).toBe(code);
    standIn.changeAccount(one, { transfers: 'restricted' });
    expect((await refusalOf(part(1, one))).code).toBe(code);
    // 20.00 less 0.88 of Stripe and what was sent: without a charge, what the balance has is all that can go.
    expect([await has(stripe), await has(stripe, one), await has(stripe, other)]).toEqual([12, 950, 950]);
    const free = { amount: 13, currency: 'usd', destination: other };
    expect((await refusalOf(stripe.transfers.create(free))).code).toBe('balance_insufficient');
  });

  test('give back what they still have, once', async () => {
    const standIn = await startForTest();
    const stripe = clientOf(standIn);
    const destination = await seller(standIn, stripe);
    const source_transaction = await charge(stripe, 2000);
    const { id } = await stripe.transfers.create({
      amount: 1900,
      currency: 'usd',
      destination,
      source_transaction,
    });
    await stripe.transfers.createReversal(id, { amount: 400 });
    await stripe.payouts.create({ amount: 1000, currency: 'usd' }, { stripeAccount: destination });
    const code = async (amount: number) =>
      (await refusalOf(stripe.transfers.createReversal(id, { amount }))).code;
    expect(await code(501)).toBe('balance_insufficient');
    await stripe.transfers.createReversal(id, { amount: 500 });
    expect(await code(1)).toBe('balance_insufficient');
    expect((await stripe.transfers.retrieve(id)).amount_reversed).toBe(900);
    expect((await stripe.transfers.listReversals(id)).data.map(({ amount }) => amount)).toEqual([500, 400]);
  });

  test('are paid out what they have, at once for 1 %, and get it back when their bank refuses', async () => {
    const standIn = await startForTest({ settleAfterMs: 3_600_000 });
    const stripe = clientOf(standIn);
    const destination = await seller(standIn, stripe);
    const on = { stripeAccount: destination };
    const source_transaction = await charge(stripe, 20_000);
    await stripe.transfers.create({ amount: 11_000, currency: 'usd', destination, source_transaction });
    const net = (await stripe.balance.retrieve({}, on)).instant_available?.[0]?.net_available?.[0]?.amount;
    expect(net).toBe(10_890);
    const instant = await stripe.payouts.create({ amount: 10_000, currency: 'usd', method: 'instant' }, on);
    expect(await has(stripe, destination)).toBe(900);
    const pay = (amount: number, headers = on) => stripe.payouts.create({ amount, currency: 'usd' }, headers);
    expect((await refusalOf(pay(901))).code).toBe('balance_insufficient');
    expect((await refusalOf(pay(1, { stripeAccount: 'acct_1Nobody0000000000' }))).code).toBe(
      'account_invalid',
    );
    standIn.changeAccount(destination, { payouts: 'paused' });
    expect((await refusalOf(pay(1))).code).toBe('payouts_not_allowed');
    standIn.settle();
    expect((await stripe.payouts.retrieve(instant.id, {}, on)).status).toBe('paid');
    standIn.changeAccount(destination, { payouts: 'failing' });
    const { id } = await pay(900);
    expect(await has(stripe, destination)).toBe(0);
    standIn.settle();
    expect((await stripe.payouts.retrieve(id, {}, on)).failure_code).toBe('account_closed');
    expect(await has(stripe, destination)).toBe(900);
    // Nobody else's, and not the platform's.
    expect((await refusalOf(stripe.payouts.retrieve(id))).code).toBe('resource_missing');
  });
});
