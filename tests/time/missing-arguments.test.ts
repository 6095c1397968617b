import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FunctionName } from '../../shared/database/call-function.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, buy, createBank, overSql } from './bank.ts';
import { accountOf, addPerson, giveTime } from './people.ts';

let db: TestDatabase;
let bank: Bank;
let userId: string;
let callId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  bank = createBank(overSql(db.sql));
});
afterAll(() => db.close());
beforeEach(async () => {
  [userId, callId] = [await addPerson(db.sql), randomUUID()];
  await giveTime(db.sql, userId, 1_000_000);
  await bank.open(userId, { callId, room: callId });
});

describe('a missing argument never opens a door', () => {
  const run = (name: FunctionName, args: Record<string, unknown>) => overSql(db.sql)(name, args);

  test('no epoch is a wrong epoch', async () => {
    expect(await run('renew_call', { p_call_id: callId, p_epoch: null, p_used_ms: 5_000 })).toMatchObject({
      status: 'fenced',
    });
    expect(
      await run('settle_call', { p_call_id: callId, p_epoch: null, p_used_ms: 5_000, p_end_reason: '' }),
    ).toMatchObject({ status: 'fenced' });
    expect(await accountOf(db.sql, userId)).toMatchObject({ live: 1 });
  });

  test('no room is another room, and no limit of calls is none allowed', async () => {
    const args = { p_call_id: callId, p_user_id: userId, p_room_name: null };
    expect(await run('open_call', args)).toMatchObject({ status: 'call_mismatch' });
    const unlimited = { ...args, p_call_id: randomUUID(), p_room_name: 'free', p_max_live_calls: null };
    expect(await run('open_call', unlimited)).toMatchObject({ status: 'too_many_calls' });
  });

  test('no use is no use', async () => {
    await bank.renew(callId, 1, 3_000);
    const args = { p_call_id: callId, p_epoch: 1, p_used_ms: null, p_end_reason: null, p_windows: null };
    expect(await run('settle_call', args)).toMatchObject({ receipt: { charged_seconds: 3 } });
  });

  test('no package is another purchase', async () => {
    const args = { p_user_id: userId, p_package_id: 'starter', p_purpose: 'me', p_key: 'the key' };
    await run('begin_purchase', args);
    expect(await run('begin_purchase', { ...args, p_package_id: null })).toMatchObject({
      status: 'key_reused',
    });
    await expect(run('begin_purchase', { ...args, p_purpose: null })).rejects.toMatchObject({
      code: '23502',
    });
  });

  const payment = {
    p_event_type: 'test',
    p_status: 'succeeded',
    p_received_cents: 999,
    p_tax_cents: 0,
    p_currency: 'usd',
    p_failure_code: null,
    p_refunds: [],
    p_disputes: [],
    p_code_hash: null,
  };

  test.each(['p_received_cents', 'p_currency', 'p_payment_intent_id'])(
    'a payment without %s gives no time',
    async (name) => {
      const before = await accountOf(db.sql, userId);
      const args = {
        ...payment,
        p_event_id: randomUUID(),
        p_purchase_id: await bank.begin(userId, 'starter'),
        p_payment_intent_id: randomUUID(),
      };
      expect(await run('apply_payment', { ...args, [name]: null })).toMatchObject({ status: 'review' });
      expect(await accountOf(db.sql, userId)).toEqual(before);
    },
  );

  test.each(['p_refunds', 'p_disputes', 'p_status', 'p_tax_cents', 'p_event_id'])(
    'no %s takes nothing back',
    async (name) => {
      const { cardId, intentId } = await buy(bank, userId, 'starter');
      const before = await accountOf(db.sql, userId);
      const args = {
        ...payment,
        p_event_id: randomUUID(),
        p_purchase_id: cardId,
        p_payment_intent_id: intentId,
      };
      expect(await run('apply_payment', { ...args, [name]: null })).toMatchObject({
        status: 'already_applied',
      });
      expect(await accountOf(db.sql, userId)).toEqual(before);
    },
  );

  test.each([
    { what: 'another amount', cents: 998 },
    { what: 'no money', cents: 0 },
    { what: 'a negative amount', cents: -999 },
  ])('a payment of $what gives no time and waits for a person', async ({ cents }) => {
    const purchaseId = await bank.begin(userId, 'starter');
    const before = await accountOf(db.sql, userId);
    const paid = { purchaseId, intentId: randomUUID() };
    expect((await bank.pay({ ...paid, cents })).status).toBe('review');
    expect((await bank.pay({ ...paid, cents: 999 })).status).toBe('review');
    expect(await accountOf(db.sql, userId)).toEqual(before);
  });
});
