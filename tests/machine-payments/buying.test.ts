import { randomUUID } from 'node:crypto';
import {
  decodePaymentRequiredHeader,
  decodePaymentSignatureHeader,
  encodePaymentSignatureHeader,
} from '@x402/core/http';
import { test as base, describe, expect } from 'vitest';
import type { MachineOrder } from '../../shared/api/machine-payments.ts';
import { recoverPayments } from '../../webhook-server/machine-payments/recover-payments.ts';
import { closing } from '../support/closing.ts';
import { NETWORK, newSecret, openCardAgent, openShop, openWallet, SHOP } from './scene.ts';

const test = base.extend(
  'shop',
  { scope: 'file' },
  closing(() => openShop()),
);
const PRICE = 9_990_000n;

describe('over x402, with the client of npm', () => {
  test('a signed-in person buys a card: settled, then given, once', async ({ shop }) => {
    const { sidecar, chain } = shop;
    const person = await sidecar.database.signUp();
    const wallet = await openWallet(shop);
    const before = await chain.balanceOf(SHOP);
    const url = `${sidecar.url}/x402/time-cards/starter`;
    const headers = { authorization: `Bearer ${person.accessToken}`, 'idempotency-key': randomUUID() };
    const answer = await wallet.pay(url, { method: 'POST', headers });
    expect(answer.status).toBe(200);
    const order = (await answer.json()) as MachineOrder;
    expect(order).toMatchObject({
      status: 'settled',
      rail: 'x402',
      network: NETWORK,
      amount_units: String(PRICE),
      amount_cents: 999,
      currency: 'usdc',
      activation_code: null,
    });
    expect(order.payer?.toLowerCase()).toBe(wallet.address.toLowerCase());
    expect(answer.headers.get('payment-response')).not.toBeNull();
    expect((await chain.balanceOf(SHOP)) - before).toBe(PRICE);
    expect(await sidecar.balanceOf(person)).toBe(3600);
    // Again, with the payment, without one, and by an empty wallet: the order, and no second payment.
    const signature = wallet.signatures[0] ?? '';
    for (const more of [{}, { 'payment-signature': signature }]) {
      const again = await fetch(url, { method: 'POST', headers: { ...headers, ...more } });
      expect([again.status, ((await again.json()) as MachineOrder).order_id]).toEqual([200, order.order_id]);
    }
    // Somebody who saw the payment on the chain has nothing of it, on this route or another one.
    const stranger = await sidecar.database.signUp();
    for (const path of ['/x402/time-cards/starter', '/x402/time-cards/basic', '/v1/calls']) {
      const stolen = await sidecar.post(path, {
        person: stranger,
        headers: { 'idempotency-key': randomUUID(), 'payment-signature': signature },
        ...(path === '/v1/calls' && { body: { minutes: 5 } }),
      });
      expect([path, stolen.status]).toEqual([path, 402]);
    }
    expect(await sidecar.balanceOf(stranger)).toBe(0);
    await sidecar.expectSound();
  });

  test('three at once with one payment, with a secret: one card, and nobody is asked again', async ({
    shop,
  }) => {
    const { sidecar, chain } = shop;
    const rounds = Number(process.env.REPLAY_ROUNDS ?? 3);
    for (let round = 0; round < rounds; round++) {
      const wallet = await openWallet(shop, PRICE * 3n);
      const secret = newSecret();
      const url = `${sidecar.url}/x402/time-cards/starter`;
      const headers = { 'claim-secret': secret };
      // The client signs, and the test sends.
      const asked = await fetch(url, { method: 'POST', headers });
      const offered = decodePaymentRequiredHeader(asked.headers.get('payment-required') ?? '');
      expect([asked.status, offered.accepts[0]?.amount]).toEqual([402, String(PRICE)]);
      shop.facilitator.control.delayMs = [0, 25, rounds > 3 ? 2_000 : 150][round % 3] ?? 0;
      const elsewhere = await wallet.pay(`${sidecar.url}/x402/time-cards/starter`, {
        method: 'POST',
        headers: { 'claim-secret': 'x'.repeat(8) },
      });
      expect(elsewhere.status).toBe(400);
      const [, answers] = await sendThrice(wallet, url, headers);
      // 202 where the machine is so busy that the settlement took seconds: then it is told later.
      for (const { status } of answers) expect([200, 202]).toContain(status);
      const ids = [...new Set(answers.map(({ order }) => order.order_id))];
      expect(ids).toHaveLength(1);
      const seen = async () => (await sidecar.get(`/v1/orders/${ids[0]}`, { headers })).body as MachineOrder;
      await expect.poll(async () => (await seen()).status).toBe('settled');
      expect((await seen()).activation_code).toMatch(/^[A-Z0-9-]{12,14}$/);
      const cards = await sidecar.database
        .sql`select count(*)::int as n from grants where id = ${ids[0] as string}`;
      expect(cards[0]?.n).toBe(1);
      expect(await chain.balanceOf(wallet.address)).toBe(PRICE * 2n);
    }
    shop.facilitator.control.delayMs = 0;
    const person = await sidecar.database.signUp();
    expect(await sidecar.balanceOf(person)).toBe(0);
    await sidecar.expectSound();
  });

  /** Lets the client sign without sending, and sends three times at once. */
  async function sendThrice(
    wallet: Awaited<ReturnType<typeof openWallet>>,
    url: string,
    headers: Record<string, string>,
  ): Promise<[string, { status: number; order: MachineOrder }[]]> {
    const sign = await wallet.sign(url, headers);
    const answers = await Promise.all(
      [1, 2, 3].map(async () => {
        const answer = await fetch(url, {
          method: 'POST',
          headers: { ...headers, 'payment-signature': sign },
        });
        return { status: answer.status, order: (await answer.json()) as MachineOrder };
      }),
    );
    return [sign, answers];
  }

  test.for([
    ['no answer, and it was settled', 'after'],
    ['no answer, and it was not', 'before'],
    ['nothing at all, ever', 'never'],
  ] as const)(
    '%s: the order waits, is not asked for again, and is found out about',
    async ([, fault], { shop }) => {
      const { sidecar, chain, facilitator } = shop;
      const person = await sidecar.database.signUp();
      const wallet = await openWallet(shop);
      const url = `${sidecar.url}/x402/time-cards/starter`;
      const headers = { authorization: `Bearer ${person.accessToken}`, 'idempotency-key': randomUUID() };
      facilitator.control.fault = fault;
      sidecar.deps.config.X402_SETTLE_MS = 300;
      const answer = await wallet.pay(url, { method: 'POST', headers });
      const order = (await answer.json()) as MachineOrder;
      expect([answer.status, order.status]).toEqual([202, 'settlement_pending']);
      // Whatever comes now: no second payment.
      const again = await wallet.pay(url, { method: 'POST', headers });
      expect([again.status, wallet.signatures.length]).toEqual([202, 1]);
      facilitator.control.fault = undefined;
      const { sql } = sidecar.database;
      await sql`update machine_payments set settle_after = now() - interval '1 second' where purchase_id = ${order.order_id}`;
      // Two replicas at once.
      const known = await Promise.all([recoverPayments(sidecar.deps), recoverPayments(sidecar.deps)]);
      expect(known[0] + known[1]).toBe(1);
      expect(await sidecar.balanceOf(person)).toBe(3600);
      expect(await chain.balanceOf(wallet.address)).toBe(100_000_000n - PRICE);
      expect((await wallet.pay(url, { method: 'POST', headers })).status).toBe(200);
      await sidecar.expectSound();
    },
  );

  test('what was never taken ends when the chain says that it is over, and another payment is taken', async ({
    shop,
  }) => {
    const { sidecar, chain, facilitator } = shop;
    const person = await sidecar.database.signUp();
    const wallet = await openWallet(shop);
    const url = `${sidecar.url}/x402/time-cards/starter`;
    const headers = { authorization: `Bearer ${person.accessToken}`, 'idempotency-key': randomUUID() };
    facilitator.control.fault = 'before';
    const { order_id: id } = (await (
      await wallet.pay(url, { method: 'POST', headers })
    ).json()) as MachineOrder;
    const { sql } = sidecar.database;
    const due = () =>
      sql`update machine_payments set settle_after = now() - interval '1 second' where purchase_id = ${id}`;
    await due();
    expect(await recoverPayments(sidecar.deps)).toBe(0);
    const snapshot = await chain.client.snapshot();
    await chain.client.increaseTime({ seconds: 600 });
    await chain.client.mine({ blocks: 1 });
    await due();
    expect(await recoverPayments(sidecar.deps)).toBe(1);
    await chain.client.revert({ id: snapshot });
    facilitator.control.fault = undefined;
    const order = (await sidecar.get(`/v1/orders/${id}`, { person })).body as MachineOrder;
    expect(order).toMatchObject({ status: 'failed', failure: 'expired' });
    expect((await wallet.pay(url, { method: 'POST', headers })).status).toBe(200);
    expect(await sidecar.balanceOf(person)).toBe(3600);
  });

  test('what is not what was asked for is not taken', async ({ shop }) => {
    const { sidecar, chain } = shop;
    const person = await sidecar.database.signUp();
    const wallet = await openWallet(shop);
    const url = `${sidecar.url}/x402/time-cards/starter`;
    const headers = { authorization: `Bearer ${person.accessToken}`, 'idempotency-key': randomUUID() };
    const good = decodePaymentSignatureHeader(await wallet.sign(url, headers));
    const { accepted } = good;
    const lies: [string, object][] = [
      ['another chain', { network: 'eip155:8453' }],
      ['another asset', { asset: `0x${'1'.repeat(40)}` }],
      ['less', { amount: '1' }],
      ['another receiver', { payTo: wallet.address }],
      ['a price that we never said', { extra: { ...accepted.extra, quote: 'e30.x' } }],
      ['no price', { extra: {} }],
      ['another scheme', { scheme: 'upto' }],
    ];
    for (const [what, lie] of lies) {
      const payload = encodePaymentSignatureHeader({ ...good, accepted: { ...accepted, ...lie } });
      const answer = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'payment-signature': payload },
      });
      expect([what, answer.status]).toEqual([what, 402]);
    }
    const garbage = await fetch(url, { method: 'POST', headers: { ...headers, 'payment-signature': 'no' } });
    expect(garbage.status).toBe(400);
    const poor = await openWallet(shop, PRICE - 1n);
    const own = { ...headers, 'idempotency-key': randomUUID() };
    const signature = await poor.sign(url, own);
    const short = await fetch(url, { method: 'POST', headers: { ...own, 'payment-signature': signature } });
    expect(short.status).toBe(402);
    expect(await chain.balanceOf(wallet.address)).toBe(100_000_000n);
    expect(await sidecar.balanceOf(person)).toBe(0);
    const asked = await sidecar.database
      .sql`select count(*)::int as n from purchases where user_id = ${person.id}`;
    expect(asked[0]?.n).toBe(0);
  });

  test('a price that was said holds, and after its time a new one is said', async ({ shop }) => {
    const { sidecar } = shop;
    const { sql } = sidecar.database;
    const person = await sidecar.database.signUp();
    const wallet = await openWallet(shop);
    const url = `${sidecar.url}/x402/time-cards/starter`;
    const headers = () => ({
      authorization: `Bearer ${person.accessToken}`,
      'idempotency-key': randomUUID(),
    });
    const [first, second] = [headers(), headers()];
    const send = async (own: Record<string, string>, signature: string) =>
      (await fetch(url, { method: 'POST', headers: { ...own, 'payment-signature': signature } })).status;
    const [early, late] = [await wallet.sign(url, first), await wallet.sign(url, second)];
    await sql`update pricing_tiers set price_cents = 1999 where id = 'starter'`;
    try {
      expect(await send(first, early)).toBe(200);
      const { now } = sidecar.deps;
      sidecar.deps.now = () => new Date(Date.now() + 301_000);
      expect(await send(second, late)).toBe(402);
      sidecar.deps.now = now;
    } finally {
      await sql`update pricing_tiers set price_cents = 999 where id = 'starter'`;
    }
    expect(await sidecar.balanceOf(person)).toBe(3600);
  });

  test('tells the price to whoever asks, takes nothing in nobody’s name, and keeps to the caps of the client', async ({
    shop,
  }) => {
    const { sidecar, chain } = shop;
    const url = `${sidecar.url}/x402/time-cards/starter`;
    expect((await fetch(url, { method: 'POST' })).status).toBe(402);
    const wallet = await openWallet(shop);
    const nobody = await wallet.pay(url, { method: 'POST' });
    expect(nobody.status).toBe(401);
    const careful = await openWallet(shop, undefined, { maxAmountPerPayment: '$1' });
    await expect(
      careful.pay(url, { method: 'POST', headers: { 'claim-secret': newSecret() } }),
    ).rejects.toThrow();
    expect(await chain.balanceOf(wallet.address)).toBe(100_000_000n);
    expect((await fetch(`${sidecar.url}/x402/time-cards/none`, { method: 'POST' })).status).toBe(404);
  });
});

describe('over MPP, with the client of npm', () => {
  test('a secret buys a card, once, and its code is told to who has the secret', async ({ shop }) => {
    const { sidecar } = shop;
    const agent = openCardAgent(shop);
    const secret = newSecret();
    const url = `${sidecar.url}/mpp/time-cards/starter`;
    const headers = { 'claim-secret': secret };
    const answer = await agent.pay(url, { method: 'POST', headers });
    const order = (await answer.json()) as MachineOrder;
    expect([answer.status, order.status, order.currency]).toEqual([200, 'settled', 'usd']);
    expect(answer.headers.get('payment-receipt')).not.toBeNull();
    const again = await Promise.all(
      [1, 2, 3].map(() =>
        fetch(url, { method: 'POST', headers: { ...headers, authorization: agent.credentials[0] ?? '' } }),
      ),
    );
    expect(again.map(({ status }) => status)).toEqual([200, 200, 200]);
    const intents = await sidecar.stripe.paymentIntents.list({ limit: 100 });
    const ours = intents.data.filter(({ metadata }) => metadata.purchase_id === order.order_id);
    expect(ours).toHaveLength(1);
    // Seen by somebody else, the credential is worth nothing.
    const stolen = await fetch(url, {
      method: 'POST',
      headers: { 'claim-secret': newSecret(), authorization: agent.credentials[0] ?? '' },
    });
    expect(stolen.status).toBe(409);
    const person = await sidecar.database.signUp();
    const code = order.activation_code ?? '';
    const activated = await sidecar.post('/activate', { person, body: { code } });
    expect([activated.status, await sidecar.balanceOf(person)]).toEqual([200, 3600]);
    await sidecar.expectSound();
  });

  test('a person who signs in beside the payment, a card that is declined, and an answer that got lost', async ({
    shop,
  }) => {
    const { sidecar } = shop;
    const person = await sidecar.database.signUp();
    const url = `${sidecar.url}/mpp/time-cards/starter`;
    const signedIn = () => ({
      'payer-authorization': `Bearer ${person.accessToken}`,
      'idempotency-key': randomUUID(),
    });
    const declined = openCardAgent(shop, 'pm_card_chargeDeclined');
    const headers = signedIn();
    await expect(declined.pay(url, { method: 'POST', headers }).then(({ status }) => status)).resolves.toBe(
      402,
    );
    // The same order, with a card that pays; the answer of Stripe gets lost once it is charged.
    const good = openCardAgent(shop);
    sidecar.failStripe(({ method, path }) =>
      method === 'POST' && path === '/v1/payment_intents' ? 'drop_answer' : undefined,
    );
    const lost = await good.pay(url, { method: 'POST', headers });
    sidecar.failStripe(() => undefined);
    expect([200, 202]).toContain(lost.status);
    const order = (await lost.json()) as MachineOrder;
    await expect
      .poll(
        async () =>
          ((await sidecar.get(`/v1/orders/${order.order_id}`, { person })).body as MachineOrder).status,
      )
      .toBe('settled');
    expect(await sidecar.balanceOf(person)).toBe(3600);
    const intents = await sidecar.stripe.paymentIntents.list({ limit: 100 });
    const charged = intents.data.filter(
      ({ metadata, status }) => metadata.user_id === person.id && status === 'succeeded',
    );
    expect(charged).toHaveLength(1);
    await sidecar.expectSound();
  });
});
