import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, createBank, overSql } from './bank.ts';
import { accountOf, addPerson, giveTime, lapse } from './people.ts';

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
  userId = await addPerson(db.sql);
  callId = randomUUID();
});

const renew = async (call: string, usedMs: number, restoredMs = 0) => {
  const [row] = await db.sql`select renew_call(${call}, 1, ${usedMs}, ${restoredMs}) as answer`;
  return row?.answer as { granted_seconds: number };
};
const renewBatched = async (call: string, usedMs: number, restoredMs = 0) => {
  const [row] = await db.sql<[{ granted_seconds: number }]>`
    select granted_seconds::int
    from renew_calls(array[${call}::uuid], array[1], array[${usedMs}::bigint], array[${restoredMs}::bigint])`;
  return row;
};
const hold = async () => {
  const [row] = await db.sql<[{ restored: number; lease: Date }]>`
    select restored_ms::int as restored, lease_expires_at as lease from holds where id = ${callId}`;
  return row;
};

/** Begins something that waits for a lock of something else, which is done then. */
async function whileItWaits<Result>(first: (bank: Bank) => Promise<unknown>, second: () => Promise<Result>) {
  let waiting: Promise<Result> | undefined;
  await db.sql.begin(async (sql) => {
    await first(createBank(overSql(sql)));
    waiting = second();
    waiting.catch(() => {});
    const blocked = async () =>
      (
        await db.sql`select from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`
      ).length;
    while ((await blocked()) === 0) await sleep(5);
  });
  return waiting;
}

async function sharesFairly(by: typeof renew) {
  await giveTime(db.sql, userId, 100);
  await bank.open(userId, { callId });
  await bank.open(userId);
  expect(await by(callId, 30_000)).toMatchObject({ granted_seconds: 50 });
}

async function keepsRestored(by: typeof renew) {
  await giveTime(db.sql, userId, 100);
  await bank.open(userId, { callId });
  await by(callId, 20_000, 8_000);
  await by(callId, 21_000, 500);
  expect((await hold()).restored).toBe(8_000);
}

/** Each rule, and a guard of it that nobody may take away: with it the rule holds, without it the test of it fails. */
const GUARDS: [rule: string, routine: string, right: string, wrong: string, holds: () => Promise<void>][] = [
  [
    'a person has so many calls at once',
    'public.open_call',
    '(v_own_calls < p_max_live_calls) is not true',
    'false',
    async () => {
      await giveTime(db.sql, userId, 3600);
      for (let calls = 0; calls < 4; calls++) expect((await bank.open(userId)).status).toBe('open');
      expect((await bank.open(userId)).status).toBe('too_many_calls');
    },
  ],
  [
    'calls in vain are bounded',
    'public.open_call',
    'elsif public.calls_in_vain(p_user_id) then',
    'elsif false then',
    async () => {
      await giveTime(db.sql, userId, 3600);
      for (let calls = 0; calls < 20; calls++) {
        const id = randomUUID();
        await bank.open(userId, { callId: id });
        await bank.settle(id, 1, 999, 'caller_hung_up');
      }
      expect((await bank.open(userId)).status).toBe('too_many_short_calls');
    },
  ],
  [
    'a late renewal does not lower restored time',
    'public.renew_call',
    'least(greatest(v_hold.restored_ms, p_restored_ms), v_hold.used_ms)',
    'least(p_restored_ms, v_hold.used_ms)',
    () => keepsRestored(renew),
  ],
  [
    'a late renewal in a batch does not lower restored time',
    'public.renew_calls',
    'least(greatest(h.restored_ms, asked.restored_ms), m.used_ms) as restored_ms',
    'least(asked.restored_ms, m.used_ms) as restored_ms',
    () => keepsRestored(renewBatched),
  ],
  [
    'no more is restored than was used',
    'public.renew_call',
    'least(greatest(v_hold.restored_ms, p_restored_ms), v_hold.used_ms)',
    'greatest(v_hold.restored_ms, p_restored_ms)',
    async () => {
      await giveTime(db.sql, userId, 100);
      await bank.open(userId, { callId });
      await renew(callId, 10_000, 90_000);
      expect((await hold()).restored).toBe(10_000);
    },
  ],
  [
    'a renewal takes a fair share',
    'public.renew_call',
    'v_free / v_live_calls',
    'v_free',
    () => sharesFairly(renew),
  ],
  [
    'a renewal in a batch takes a fair share',
    'public.renew_calls',
    '(l.balance - h.amount) / h.calls',
    'l.balance - h.amount',
    () => sharesFairly(renewBatched),
  ],
  [
    'the reaper looks again under the lock: a call that was renewed meanwhile lives',
    'public.reap_calls',
    'where id = v_candidate.id and lease_expires_at < clock_timestamp() for update',
    'where id = v_candidate.id for update',
    async () => {
      await giveTime(db.sql, userId, 100);
      await bank.open(userId, { callId });
      await lapse(db.sql, callId);
      const reaped = await whileItWaits(
        (first) => first.renew(callId, 1, 5_000),
        () => bank.reap(),
      );
      expect(reaped).toEqual([]);
    },
  ],
  [
    'a late hint of a room does not move a lease forward',
    'public.room_finished',
    'least(lease_expires_at, now() + make_interval(secs => lease_margin_seconds))',
    'now() + make_interval(secs => lease_margin_seconds)',
    async () => {
      await giveTime(db.sql, userId, 100);
      await bank.open(userId, { callId, room: callId });
      await lapse(db.sql, callId);
      const { lease } = await hold();
      await bank.roomFinished(callId);
      expect((await hold()).lease).toEqual(lease);
      expect(await bank.reap()).toEqual([callId]);
    },
  ],
  [
    'what is given back pays debt first',
    'private.release_restored',
    'perform private.pay_debt(v_hold.account_id);',
    '',
    async () => {
      await giveTime(db.sql, userId, 30);
      await bank.open(userId, { callId });
      await db.sql`select private.post(${userId}, null, 'clawback', -5, ${`debt:${callId}`})`;
      await renew(callId, 20_000, 10_000);
      expect(await accountOf(db.sql, userId)).toMatchObject({ debt: 0, balance: 25 });
    },
  ],
  [
    'of a card that ended a call keeps no more than it is promised after it gave back',
    'private.release_restored',
    'exit when v_over <= 0;',
    'exit;',
    async () => {
      await giveTime(db.sql, userId, 30);
      await bank.open(userId, { callId });
      await renew(callId, 20_000);
      await db.sql`update grants set expires_at = now() - interval '1 second' where account_id = ${userId}`;
      await renew(callId, 20_000);
      await renew(callId, 20_000, 15_000);
      // Fifteen of the thirty were never used, and their end is over.
      expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 15, held: 15 });
    },
  ],
];

describe.each(GUARDS)('%s', (_, routine, right, wrong, holds) => {
  test('holds', holds);

  test('and would not without its guard', async () => {
    const [row] = await db.sql`select pg_get_functiondef(${routine}::regproc) as source`;
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
