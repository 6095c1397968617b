import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, createBank, overSql } from './bank.ts';
import { addPerson, giveTime } from './people.ts';

/** What is asked before anything is spent on a call: for its token, and by the worker to whom LiveKit offers it. */
let db: TestDatabase;
let bank: Bank;
let userId: string;
let callId: string;
let address: string;
beforeAll(async () => {
  db = await createTestDatabase();
  bank = createBank(overSql(db.sql));
});
afterAll(() => db.close());
beforeEach(async () => {
  userId = await addPerson(db.sql);
  callId = randomUUID();
  address = (randomUUID() + randomUUID()).replaceAll('-', '');
});

async function token(user = userId, hash: string | null = null): Promise<string> {
  const [row] = await db.sql<[{ status: string }]>`
    select take_call_token(${user}, ${randomUUID()}, ${hash}) ->> 'status' as status`;
  return row.status;
}

/** Tokens that others took just now, from an address or none. */
const others = (count: number, hash: string | null, user = userId) =>
  db.sql`insert into call_tokens (call_id, user_id, address_hash)
    select gen_random_uuid(), ${user}, ${hash} from generate_series(1, ${count}::int)`;
const passes = (interval: string) =>
  db.sql`update call_tokens set issued_at = issued_at - ${interval}::interval
    where user_id = ${userId} or address_hash = ${address}`;

type Answer = { status: string; live_calls: string[]; free_seconds: number };
async function mayCall(call = callId, { user = userId, room = call, calls = 4 } = {}): Promise<Answer> {
  const [row] = await db.sql<
    [{ answer: Answer }]
  >`select may_call(${call}, ${user}, ${room}, ${calls}) as answer`;
  return row.answer;
}
const status = async (...how: Parameters<typeof mayCall>) => (await mayCall(...how)).status;

/** Each rule, and a guard of it that nobody may take away: with it the rule holds, without it the test of it fails. */
const GUARDS: [rule: string, routine: string, right: string, wrong: string, holds: () => Promise<void>][] = [
  [
    'a person gets ten tokens a minute',
    'take_call_token',
    "interval '1 minute') >= 10\n",
    "interval '1 minute') >= 11\n",
    async () => {
      for (let tokens = 0; tokens < 10; tokens++) expect(await token()).toBe('taken');
      expect(await token()).toBe('too_many_requests');
      expect(await token(await addPerson(db.sql))).toBe('taken');
    },
  ],
  [
    'they get more when the minute has passed',
    'take_call_token',
    "issued_at > now() - interval '1 minute') >= 10\n",
    "issued_at > now() - interval '2 minutes') >= 10\n",
    async () => {
      await others(10, null);
      await passes('59 seconds');
      expect(await token()).toBe('too_many_requests');
      await passes('1 second');
      expect(await token()).toBe('taken');
    },
  ],
  [
    'a person gets forty tokens in ten minutes',
    'take_call_token',
    '>= 40',
    '>= 41',
    async () => {
      await others(39, null);
      await passes('9 minutes');
      expect(await token()).toBe('taken');
      expect(await token()).toBe('too_many_requests');
      await passes('1 minute');
      expect(await token()).toBe('taken');
    },
  ],
  [
    'an address gets 120 tokens a minute, whoever asks there',
    'take_call_token',
    '>= 120',
    '>= 121',
    async () => {
      const somebody = await addPerson(db.sql);
      await others(119, address, somebody);
      expect(await token(userId, address)).toBe('taken');
      expect(await token(userId, address)).toBe('too_many_requests');
      expect(await token(userId, 'a'.repeat(64))).toBe('taken');
      await passes('1 minute');
      expect(await token(userId, address)).toBe('taken');
    },
  ],
  [
    'no token is for somebody who is deleted',
    'take_call_token',
    ' and deleted_at is null',
    '',
    async () => {
      await giveTime(db.sql, userId, 900);
      await db.sql`delete from auth.users where id = ${userId}`;
      // Their row stays for the books.
      expect(await token()).toBe('unknown_user');
      expect(await token(randomUUID())).toBe('unknown_user');
    },
  ],
  [
    'of what is older than ten minutes nothing is kept for long',
    'take_call_token',
    'limit 20 for update',
    'limit 0 for update',
    async () => {
      await others(25, null);
      await passes('11 minutes');
      for (let tokens = 0; tokens < 2; tokens++) expect(await token()).toBe('taken');
      const [row] = await db.sql`select count(*)::int as left from call_tokens where user_id = ${userId}`;
      expect(row).toEqual({ left: 2 });
    },
  ],
  [
    'nobody calls without time that is free',
    'may_call',
    '(held.free > 0) is not true',
    'false',
    async () => {
      expect(await status()).toBe('no_time_left');
      await giveTime(db.sql, userId, 1);
      expect(await mayCall()).toEqual({ status: 'open', live_calls: [], free_seconds: 1 });
      await bank.open(userId, { callId });
      expect(await mayCall(randomUUID())).toEqual({
        status: 'no_time_left',
        live_calls: [callId],
        free_seconds: 0,
      });
    },
  ],
  [
    'what a call gave back is free',
    'may_call',
    'amount - restored_ms / 1000',
    'amount',
    async () => {
      await giveTime(db.sql, userId, 40);
      await bank.open(userId, { callId });
      await db.sql`update holds set amount = 40, used_ms = 20000, restored_ms = 8000 where id = ${callId}`;
      expect(await mayCall(randomUUID())).toMatchObject({ status: 'open', free_seconds: 8 });
    },
  ],
  [
    'a call that is settled does not begin again',
    'may_call',
    "when c.status = 'settled' then 'call_settled'",
    '',
    async () => {
      await giveTime(db.sql, userId, 900);
      await bank.open(userId, { callId, room: callId });
      expect(await status()).toBe('open');
      await bank.settle(callId, 1, 5_000, 'caller_hung_up');
      expect(await status()).toBe('call_settled');
    },
  ],
  [
    'a room in which a call is open takes no other',
    'may_call',
    "when exists (select from public.calls where room_name = p_room_name and status = 'open') then 'room_taken'",
    '',
    async () => {
      await giveTime(db.sql, userId, 900);
      await bank.open(userId, { callId, room: callId });
      expect(await status(randomUUID(), { room: callId })).toBe('room_taken');
      await bank.settle(callId, 1, 5_000, 'caller_hung_up');
      expect(await status(randomUUID(), { room: callId })).toBe('open');
    },
  ],
  [
    'a call is taken up by its own person and in its own room only',
    'may_call',
    'c.user_id <> p_user_id or c.tenant_id is distinct from p_tenant_id or c.room_name is distinct from p_room_name',
    'false',
    async () => {
      const somebody = await addPerson(db.sql);
      for (const user of [userId, somebody]) await giveTime(db.sql, user, 900);
      await bank.open(userId, { callId, room: callId });
      expect(await status(callId, { user: somebody })).toBe('call_mismatch');
      expect(await status(callId, { room: 'elsewhere' })).toBe('call_mismatch');
    },
  ],
  [
    'a person has so many calls at once',
    'may_call',
    '(held.own < p_max_live_calls) is not true',
    'false',
    async () => {
      await giveTime(db.sql, userId, 900);
      await bank.open(userId, { callId, room: callId });
      expect(await status(randomUUID(), { calls: 2 })).toBe('open');
      expect(await status(randomUUID(), { calls: 1 })).toBe('too_many_calls');
      // Their own call may be taken over by another worker.
      expect(await status(callId, { calls: 1 })).toBe('open');
    },
  ],
  [
    'calls in vain are bounded',
    'may_call',
    "when public.calls_in_vain(p_user_id) then 'too_many_short_calls'",
    '',
    async () => {
      await giveTime(db.sql, userId, 900);
      for (let calls = 0; calls < 20; calls++) {
        const id = randomUUID();
        await bank.open(userId, { callId: id });
        await bank.settle(id, 1, 999, 'caller_hung_up');
      }
      expect(await status()).toBe('too_many_short_calls');
    },
  ],
  [
    'nobody calls who is deleted',
    'may_call',
    ' and deleted_at is null',
    '',
    async () => {
      await giveTime(db.sql, userId, 900);
      await db.sql`delete from auth.users where id = ${userId}`;
      expect(await status(callId, { user: randomUUID() })).toBe('unknown_user');
      expect(await status()).toBe('unknown_user');
    },
  ],
];

describe.each(GUARDS)('%s', (_, routine, right, wrong, holds) => {
  test('holds', holds);

  test('and would not without its guard', async () => {
    const [row] = await db.sql`select pg_get_functiondef(${`public.${routine}`}::regproc) as source`;
    const source = String(row?.source);
    expect(source).toContain(right);
    await db.sql.unsafe(source.replace(right, wrong));
    try {
      await expect(holds()).rejects.toThrow();
    } finally {
      await db.sql.unsafe(source);
    }
  });
});
