import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FunctionName } from '../../shared/database/call-function.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, buy, createBank, overSql } from './bank.ts';
import { accountOf, addPerson, giveTime, violations } from './people.ts';

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

type Argument = { name: string; type: string };
type Routine = { routine: string; arguments: Argument[] };

const HOSTILE: Record<string, unknown[]> = {
  int4: [null, 0, -1, 2_147_483_647, -2_147_483_648],
  int8: [null, 0, -1, '9223372036854775807', '-9223372036854775808', '9007199254740993'],
  numeric: [null, -1, 'NaN', 'Infinity', '1e30'],
  text: [null, '', 'x'.repeat(20_000), "'; drop table public.time_ledger; --", '{"$gt":""}', '\u202e\u0000'],
  uuid: [null, '00000000-0000-0000-0000-000000000000', 'not a uuid'],
  jsonb: [null, 'x'.repeat(100_000), { __proto__: null, constructor: {} }, []],
};

/** Arguments that would do something, so that exactly one hostile value stands among good ones. */
async function goodArguments(routine: string): Promise<Record<string, unknown>> {
  const liveCall = randomUUID();
  if (/renew|settle|room/.test(routine))
    await bank.open(userId, { callId: liveCall, room: liveCall, max: 10_000 });
  const purchaseId = await bank.begin(userId, 'starter');
  const intentId =
    routine === 'apply_refund' ? (await buy(bank, userId, 'starter')).intentId : `pi_${purchaseId}`;
  return {
    user_id: userId,
    minutes: 1,
    key: randomUUID(),
    p_user_id: userId,
    p_call_id: liveCall,
    p_room_name: liveCall,
    p_epoch: 1,
    p_used_ms: 5_000,
    p_end_reason: 'test',
    p_windows: [],
    p_slice_seconds: 30,
    p_lease_margin_seconds: 15,
    p_max_live_calls: 10_000,
    p_limit: 100,
    p_package_id: 'starter',
    p_purpose: 'me',
    p_key: randomUUID(),
    p_purchase_id: purchaseId,
    p_payment_intent_id: intentId,
    p_event_id: `evt_${randomUUID()}`,
    p_event_type: 'test',
    p_amount_received_cents: 999,
    p_currency: 'usd',
    p_code_hash: 'a'.repeat(64),
    p_status: 'failed',
    p_failure_code: 'test',
    p_refunded_cents: 1,
    p_name: 'a timer',
    p_every_seconds: 60,
  };
}

async function routines(): Promise<Routine[]> {
  const rows = await db.sql<{ routine: string; arguments: Argument[] | null }[]>`
    select p.proname as routine, (select json_agg(json_build_object('name', a.name, 'type', t.typname) order by a.n)
      from unnest(p.proargnames[1:p.pronargs], p.proargtypes::oid[]) with ordinality a(name, type, n)
      join pg_type t on t.oid = a.type) as arguments
    from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' order by 1`;
  return rows.map((row) => ({ routine: row.routine, arguments: row.arguments ?? [] }));
}

test('every function takes every hostile value in every place without harm', async () => {
  let tried = 0;
  for (const { routine, arguments: list } of await routines()) {
    for (const target of list) {
      const values = HOSTILE[target.type];
      expect(values, `no hostile values for ${routine}(${target.name} ${target.type})`).toBeDefined();
      for (const value of values ?? []) {
        tried++;
        const good = await goodArguments(routine);
        const args = list.map(({ name }) => (name === target.name ? value : good[name]));
        const call = list.map(({ name }, index) => `${name} => $${index + 1}`).join(', ');
        await db.sql
          .unsafe(`select public.${routine}(${call})`, args as never[])
          .catch((error: { code?: string }) => expect(error.code, routine).toMatch(/^(22|23|54)/));
      }
    }
    expect(await violations(db.sql), routine).toEqual([]);
  }
  console.log(`hostile arguments: ${tried} calls`);
  expect(tried).toBeGreaterThan(200);
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

  test.each(['p_amount_received_cents', 'p_currency', 'p_payment_intent_id'])(
    'a payment without %s gives no time',
    async (name) => {
      const purchaseId = await bank.begin(userId, 'starter');
      const before = await accountOf(db.sql, userId);
      const args = {
        p_event_id: randomUUID(),
        p_event_type: 'test',
        p_purchase_id: purchaseId,
        p_payment_intent_id: randomUUID(),
        p_amount_received_cents: 999,
        p_currency: 'usd',
        p_code_hash: null,
      };
      expect(await run('apply_paid_intent', { ...args, [name]: null })).toMatchObject({ status: 'review' });
      expect(await accountOf(db.sql, userId)).toEqual(before);
    },
  );

  test('no refunded amount takes nothing back', async () => {
    const { intentId } = await buy(bank, userId, 'starter');
    const before = await accountOf(db.sql, userId);
    const args = { p_event_id: randomUUID(), p_event_type: 'test', p_payment_intent_id: intentId };
    expect(await run('apply_refund', { ...args, p_refunded_cents: null })).toMatchObject({
      status: 'already_applied',
    });
    expect(await accountOf(db.sql, userId)).toEqual(before);
  });

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
