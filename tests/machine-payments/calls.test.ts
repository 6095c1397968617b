import { randomUUID } from 'node:crypto';
import { test as base, expect } from 'vitest';
import type { MachineOrder, PaidCall } from '../../shared/api/machine-payments.ts';
import { closing } from '../support/closing.ts';
import { newSecret, openCardAgent, openShop, openWallet, SHOP } from './scene.ts';

const test = base.extend(
  'shop',
  { scope: 'file' },
  closing(() => openShop()),
);

test('a program pays for a call, enters its room, extends it up to its cap, and keeps what it did not use', async ({
  shop,
}) => {
  const { sidecar, chain } = shop;
  const { sql } = sidecar.database;
  const wallet = await openWallet(shop);
  const secret = newSecret();
  const headers = { 'claim-secret': secret, 'content-type': 'application/json' };
  const begin = (body: object, more: object = {}) =>
    wallet.pay(`${sidecar.url}/v1/calls`, {
      method: 'POST',
      headers: { ...headers, ...more },
      body: JSON.stringify(body),
    });
  const before = await chain.balanceOf(SHOP);
  expect((await begin({ minutes: 5, max_cents: 50 })).status).toBe(409);
  const answer = await begin({ minutes: 5, max_cents: 150 });
  const call = (await answer.json()) as PaidCall;
  expect(answer.status).toBe(200);
  expect(call).toMatchObject({ status: 'waiting', paid_seconds: 300, used_seconds: 0, left_seconds: 300 });
  expect(call.orders).toMatchObject([{ amount_cents: 100, currency: 'usdc', status: 'settled' }]);
  expect((await chain.balanceOf(SHOP)) - before).toBe(1_000_000n);
  // The room is of this call alone, and the agent is sent to it.
  const token = JSON.parse(
    Buffer.from(call.room?.participant_token.split('.')[1] ?? '', 'base64url').toString(),
  );
  expect(token.video).toMatchObject({ room: `call-${call.call_id}`, roomJoin: true });
  expect(JSON.stringify(token.roomConfig)).toContain(call.call_id);
  expect(((await (await begin({ minutes: 5, max_cents: 150 })).json()) as PaidCall).call_id).toBe(
    call.call_id,
  );

  const extend = (key: string, minutes = 2) =>
    wallet.pay(`${sidecar.url}/v1/calls/${call.call_id}/extend`, {
      method: 'POST',
      headers: { ...headers, 'idempotency-key': key },
      body: JSON.stringify({ minutes }),
    });
  const extended = (await (await extend('one')).json()) as PaidCall;
  expect(extended).toMatchObject({ paid_seconds: 420, left_seconds: 420 });
  // A retry pays nothing again, and what is above the cap nothing at all.
  expect((await extend('one')).status).toBe(200);
  expect((await extend('two')).status).toBe(409);
  expect((await chain.balanceOf(SHOP)) - before).toBe(1_400_000n);

  const [{ user_id: userId } = { user_id: '' }] =
    await sql`select user_id from paid_calls where id = ${call.call_id}`;
  const rpc = async (name: string, args: object) =>
    (await sidecar.deps.database.rpc(name as never, args as never)).data as unknown as { status: string };
  const opened = await rpc('open_call', {
    p_call_id: call.call_id,
    p_user_id: userId,
    p_room_name: `call-${call.call_id}`,
  });
  expect(opened.status).toBe('open');
  const settled = { p_call_id: call.call_id, p_epoch: 1, p_used_ms: 20_700, p_end_reason: 'said_goodbye' };
  await rpc('settle_call', settled);
  const read = async (of: string) =>
    fetch(`${sidecar.url}/v1/calls/${call.call_id}`, { headers: { 'claim-secret': of } });
  const over = (await (await read(secret)).json()) as PaidCall;
  expect(over).toMatchObject({ status: 'settled', used_seconds: 20, given_back_seconds: 400, room: null });
  expect(over.receipt).toMatchObject({ charged_seconds: 20, balance_seconds: 400 });
  expect((await read(newSecret())).status).toBe(404);
  expect((await extend('late')).status).toBe(409);
  // What is left begins the next one, and nothing is paid.
  const next = (await (
    await begin({ minutes: 6, use_left: true }, { 'idempotency-key': 'next' })
  ).json()) as PaidCall;
  expect(next).toMatchObject({ status: 'waiting', account_seconds: 400, orders: [] });
  expect(next.room).not.toBeNull();
  expect((await chain.balanceOf(SHOP)) - before).toBe(1_400_000n);
  await sidecar.expectSound();
});

test('by card too, from 50 cents on', async ({ shop }) => {
  const { sidecar } = shop;
  const agent = openCardAgent(shop);
  const ask = (minutes: number) =>
    agent.pay(`${sidecar.url}/v1/calls`, {
      method: 'POST',
      headers: { 'claim-secret': newSecret(), 'content-type': 'application/json' },
      body: JSON.stringify({ minutes }),
    });
  const paid = (await (await ask(3)).json()) as PaidCall;
  expect(paid.orders).toMatchObject([{ rail: 'mpp', currency: 'usd', amount_cents: 60 }]);
  expect(paid).toMatchObject({ paid_seconds: 180, left_seconds: 180 });
  // Too little for a card: only the chain is offered.
  const little = await fetch(`${sidecar.url}/v1/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ minutes: 1 }),
  });
  expect([little.status, little.headers.get('www-authenticate')]).toEqual([402, null]);
  expect(little.headers.get('payment-required')).not.toBeNull();
});

test('an operator notes what was sent back on the chain, and it takes its share of the time', async ({
  shop,
}) => {
  const { sidecar } = shop;
  const person = await sidecar.database.signUp();
  const operator = await sidecar.database.signUp();
  await sidecar.database.sql`update users set role = 'operator' where id = ${operator.id}`;
  const wallet = await openWallet(shop);
  const headers = { authorization: `Bearer ${person.accessToken}`, 'idempotency-key': randomUUID() };
  const bought = await wallet.pay(`${sidecar.url}/x402/time-cards/starter`, { method: 'POST', headers });
  const { order_id } = (await bought.json()) as MachineOrder;
  const body = { order_id, amount_cents: 333, transaction: `0x${'a'.repeat(64)}`, reason: 'asked for' };
  const noted = await sidecar.post('/operator/chain-refunds', { person: operator, body });
  expect([noted.status, (noted.body as MachineOrder).refunded_cents]).toEqual([200, 333]);
  expect((await sidecar.post('/operator/chain-refunds', { person, body })).status).toBe(403);
  expect(await sidecar.balanceOf(person)).toBe(2400);
  await sidecar.expectSound();
});
