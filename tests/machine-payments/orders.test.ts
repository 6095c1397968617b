import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { testWithDatabase as test } from '../support/test-with-database.ts';
import { addPerson, violations } from '../time/people.ts';

const hash = () => `${randomUUID()}${randomUUID()}`.replaceAll('-', '');
const PRICE = { cents: 999, currency: 'usdc', paid_seconds: 3600, bonus_seconds: 0 };

type Answer = { status: string; purchase_id?: string; order?: Record<string, unknown> | null };
type Who = { userId?: string; tenantId?: string; secret?: string };

function shop(db: TestDatabase) {
  const rpc = async (name: string, args: object) => {
    const { data, error } = await db.service.rpc(name as never, args as never);
    if (error) throw new Error(`${name}: ${error.code} ${error.message}`);
    return data as Answer;
  };
  const of = ({ userId, tenantId, secret }: Who) => ({
    p_user_id: userId ?? null,
    p_tenant_id: tenantId ?? null,
    p_secret_hash: secret ?? null,
  });
  return {
    rpc,
    of,
    begin: (who: Who, key: string, payment: string, more: { p_price?: typeof PRICE } & object = {}) =>
      rpc('begin_machine_payment', {
        ...of(who),
        p_key: key,
        p_package_id: 'starter',
        p_price: PRICE,
        p_payment: {
          rail: 'x402',
          key: payment,
          network: 'eip155:84532',
          asset: '0xusdc',
          amount_units: (more.p_price ?? PRICE).cents * 10_000,
          payer: '0xpayer',
          pay_to: '0xus',
          valid_before: 2_000_000_000,
          payload: { signature: '0x' },
          requirements: {},
        },
        ...more,
      }),
    settle: (id: string | undefined, outcome = 'settled', more: object = {}) =>
      rpc('settle_machine_payment', {
        p_purchase_id: id,
        p_outcome: outcome,
        p_transaction: `0x${id}`,
        p_code_hash: `${id}`.replaceAll('-', '').repeat(2),
        ...more,
      }),
    find: (who: Who, key: string) =>
      rpc('find_machine_order', { ...of(who), p_key: key }) as Promise<unknown>,
  };
}

const balanceOf = async (db: TestDatabase, id: string) =>
  Number((await db.sql`select balance from accounts where id = ${id}`)[0]?.balance);
const lapse = (db: TestDatabase, id: string | undefined) =>
  db.sql`update machine_payments set settle_after = now() - interval '1 second' where purchase_id = ${id as string}`;

describe('a payment over x402', () => {
  let used: TestDatabase;
  afterEach(async () => {
    expect(await violations(used.sql)).toEqual([]);
  });

  test('becomes one card, however often and in whatever order it is told', async ({ db }) => {
    used = db;
    const { begin, settle, find } = shop(db);
    const userId = await addPerson(db.sql);
    const all = await Promise.all(Array.from({ length: 6 }, () => begin({ userId }, 'k', `pay:${userId}`)));
    expect(all.map(({ status }) => status).sort()).toEqual([...Array(5).fill('known'), 'settle']);
    const id = all.find(({ status }) => status === 'settle')?.purchase_id;
    expect(all.find(({ status }) => status === 'known')?.order).toMatchObject({
      status: 'settlement_pending',
    });
    const told = await Promise.all([
      settle(id),
      settle(id),
      settle(id, 'pending'),
      settle(id, 'failed'),
      settle(id),
    ]);
    expect(told.at(-1)?.order?.status).toBe('settled');
    expect(await find({ userId }, 'k')).toMatchObject({
      status: 'settled',
      seconds: 3600,
      transaction: `0x${id}`,
    });
    expect(await balanceOf(db, userId)).toBe(3600);
    // Neither the same payment again, nor another one, is taken for it.
    for (const again of [`pay:${userId}`, `pay:other:${userId}`]) {
      expect(await begin({ userId }, 'k', again)).toMatchObject({
        status: 'known',
        order: { status: 'settled' },
      });
    }
    const [purchase] =
      await db.sql`select rail, currency, received_cents, payment_intent_id from purchases where id = ${id as string}`;
    expect(purchase).toEqual({
      rail: 'x402',
      currency: 'usdc',
      received_cents: 999,
      payment_intent_id: null,
    });
  });

  test('pays nobody else’s order, and no other order of its own', async ({ db }) => {
    used = db;
    const { begin, settle, find } = shop(db);
    const [mine, stranger] = [await addPerson(db.sql), await addPerson(db.sql)];
    const { purchase_id: id } = await begin({ userId: mine }, 'k', `pay:${mine}`);
    for (const who of [{ userId: stranger }, { secret: hash() }]) {
      expect(await begin(who, 'k', `pay:${mine}`)).toEqual({ status: 'payment_used' });
    }
    await settle(id);
    expect(await begin({ userId: mine }, 'other', `pay:${mine}`)).toEqual({ status: 'payment_used' });
    expect(await begin({ userId: stranger }, 'k', `pay:${mine}`)).toEqual({ status: 'payment_used' });
    expect(await find({ userId: stranger }, 'k')).toBeNull();
    expect(await balanceOf(db, stranger)).toBe(0);
  });

  test('that nobody finished is taken up by whoever comes next, and by nobody before', async ({ db }) => {
    used = db;
    const { begin, settle, rpc } = shop(db);
    const userId = await addPerson(db.sql);
    const pay = `pay:${userId}`;
    const { purchase_id: id } = await begin({ userId }, 'k', pay);
    const due = async () => {
      const list = (await rpc('due_machine_payments', { p_limit: 100 })) as unknown as {
        purchase_id: string;
      }[];
      return list.filter((one) => one.purchase_id === id).length;
    };
    expect([(await begin({ userId }, 'k', pay)).status, await due()]).toEqual(['known', 0]);
    await lapse(db, id);
    const [request, job, other] = await Promise.all([begin({ userId }, 'k', pay), due(), due()]);
    expect(Number(request.status === 'settle') + job + other).toBe(1);
    // Of which nothing is known: it waits, another payment is not taken, and it is looked at again.
    await settle(id, 'pending', { p_again_seconds: 5 });
    expect(await begin({ userId }, 'k', `${pay}:2`)).toMatchObject({
      status: 'known',
      order: { status: 'settlement_pending' },
    });
    await lapse(db, id);
    expect(await due()).toBe(1);
    await settle(id);
    await lapse(db, id);
    expect([await due(), await balanceOf(db, userId)]).toEqual([0, 3600]);
  });

  test('that failed for good makes room for another, and is believed when it succeeds after all', async ({
    db,
  }) => {
    used = db;
    const { begin, settle } = shop(db);
    const userId = await addPerson(db.sql);
    const first = await begin({ userId }, 'k', `pay:1:${userId}`);
    await settle(first.purchase_id, 'failed', { p_failure: 'insufficient_funds' });
    expect(await begin({ userId }, 'k', `pay:1:${userId}`)).toMatchObject({
      status: 'known',
      order: { status: 'failed', failure: 'insufficient_funds' },
    });
    const second = await begin({ userId }, 'k', `pay:2:${userId}`);
    expect(second.status).toBe('settle');
    await settle(second.purchase_id);
    // Money that was taken is never kept for nothing.
    await settle(first.purchase_id);
    expect(await balanceOf(db, userId)).toBe(7200);
  });

  test('of a secret is a card that waits for whoever has its code, and the secret is one buyer', async ({
    db,
  }) => {
    used = db;
    const { begin, settle, find, rpc } = shop(db);
    const secret = hash();
    const [one, two] = await Promise.all(
      ['a', 'b'].map((key) => begin({ secret }, key, `pay:${secret}:${key}`)),
    );
    const [buyers] = await db.sql`select count(distinct user_id)::int as n from purchases
      where id = any (${[one?.purchase_id, two?.purchase_id] as string[]})`;
    expect(buyers?.n).toBe(1);
    await settle(one?.purchase_id);
    expect(await find({ secret }, 'a')).toMatchObject({
      status: 'settled',
      has_code: true,
      card: { status: 'unactivated' },
    });
    expect(await find({ secret: hash() }, 'a')).toBeNull();
    const userId = await addPerson(db.sql);
    const code = `${one?.purchase_id}`.replaceAll('-', '').repeat(2);
    expect(await rpc('activate_time_card', { p_user_id: userId, p_code_hash: code })).toMatchObject({
      status: 'activated',
    });
    expect(await balanceOf(db, userId)).toBe(3600);
    const machine =
      await db.sql`select u.email, (select count(*)::int from pgboss.job where data ->> 'user_id' = u.id::text) as jobs
      from users u join private.machine_payers m on m.user_id = u.id where m.secret_hash = ${secret}`;
    expect(machine).toMatchObject([{ email: null, jobs: 0 }]);
  });

  test('that an operator sent back takes its share of the time, once', async ({ db }) => {
    used = db;
    const { begin, settle, rpc } = shop(db);
    const userId = await addPerson(db.sql);
    const operator = await addPerson(db.sql);
    await db.sql`update users set role = 'operator' where id = ${operator}`;
    const { purchase_id: id } = await begin({ userId }, 'k', `pay:${userId}`);
    const refund = (cents: number, transaction: string, by = operator) =>
      rpc('note_chain_refund', {
        p_operator_id: by,
        p_purchase_id: id,
        p_amount_cents: cents,
        p_transaction: transaction,
        p_reason: 'asked for',
      });
    expect(await refund(1, '0xbefore')).toEqual({ status: 'not_refundable' });
    await settle(id);
    const both = await Promise.all([refund(333, `0xa${id}`), refund(333, `0xa${id}`)]);
    expect(both.map(({ status }) => status)).toEqual(['noted', 'noted']);
    expect(await balanceOf(db, userId)).toBe(2400);
    expect((await refund(1, `0xa${id}`)).status).toBe('transaction_used');
    expect((await refund(667, `0xb${id}`)).status).toBe('not_refundable');
    expect((await refund(666, `0xb${id}`, userId)).status).toBe('not_operator');
    await refund(666, `0xb${id}`);
    expect(await balanceOf(db, userId)).toBe(0);
  });
});

describe('a call that pays its way', () => {
  test('is paid, extended up to the cap, used, and its rest stays with who paid', async ({ db }) => {
    const { begin, settle, rpc, of } = shop(db);
    const secret = hash();
    const callId = randomUUID();
    const price = { cents: 60, currency: 'usdc', paid_seconds: 180, bonus_seconds: 0 };
    const more = { p_call_id: callId, p_package_id: 'paid-call', p_price: price };
    expect(await begin({ secret }, 'none', `pay:none:${secret}`, more)).toEqual({ status: 'unknown_call' });
    const begun = { ...of({ secret }), p_call_id: callId, p_max_cents: 150 };
    expect(await rpc('begin_paid_call', begun)).toMatchObject({
      status: 'begun',
      call: { status: 'waiting' },
    });
    expect(await rpc('begin_paid_call', { ...begun, ...of({ secret: hash() }) })).toEqual({
      status: 'unknown_call',
    });
    const first = await begin({ secret }, 'call', `pay:1:${secret}`, more);
    await settle(first.purchase_id);
    // Two extensions at once must not pass the cap together.
    const two = await Promise.all(
      ['2', '3'].map((n) => begin({ secret }, `more:${n}`, `pay:${n}:${secret}`, more)),
    );
    expect(two.map(({ status }) => status).sort()).toEqual(['settle', 'spend_cap_reached']);
    await settle(two.find(({ status }) => status === 'settle')?.purchase_id);
    const seen = async () =>
      rpc('read_paid_call', { ...of({ secret }), p_call_id: callId }) as unknown as Record<string, unknown>;
    expect(await seen()).toMatchObject({
      paid_seconds: 360,
      used_seconds: 0,
      left_seconds: 360,
      max_cents: 150,
    });
    expect(await rpc('read_paid_call', { ...of({ secret: hash() }), p_call_id: callId })).toBeNull();

    const userId = (await seen()).user_id as string;
    const room = `call-${callId}`;
    const opened = await rpc('open_call', { p_call_id: callId, p_user_id: userId, p_room_name: room });
    expect(opened.status).toBe('open');
    await rpc('renew_call', { p_call_id: callId, p_epoch: 1, p_used_ms: 20_000 });
    expect(await seen()).toMatchObject({
      status: 'open',
      used_seconds: 20,
      left_seconds: 340,
      given_back_seconds: 0,
    });
    await rpc('settle_call', {
      p_call_id: callId,
      p_epoch: 1,
      p_used_ms: 25_400,
      p_end_reason: 'said_goodbye',
    });
    expect(await seen()).toMatchObject({
      status: 'settled',
      used_seconds: 25,
      left_seconds: 0,
      given_back_seconds: 335,
      account_seconds: 335,
      receipt: { charged_seconds: 25, balance_seconds: 335 },
    });
    expect(await begin({ secret }, 'late', `pay:late:${secret}`, more)).toEqual({ status: 'call_settled' });
    expect(await violations(db.sql)).toEqual([]);
  });
});
