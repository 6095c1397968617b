import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Receipt, receiptResponse } from '../../shared/api/receipts.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, buy, createBank, overSql } from './bank.ts';
import { addPerson, giveTime, lapse, violations } from './people.ts';

let db: TestDatabase;
let bank: Bank;
const folder = mkdtempSync(join(tmpdir(), 'mindbot-receipts-'));
beforeAll(async () => {
  db = await createTestDatabase();
  bank = createBank(overSql(db.sql));
});
afterAll(async () => {
  await db.close();
  rmSync(folder, { recursive: true });
});

const WINDOWS = [
  { reason: 'connecting', billed: false, from_ms: 0, to_ms: 900 },
  { reason: 'talking "at length", naïvely\n', billed: true, from_ms: 900, to_ms: 12_900 },
];

async function call(person: string, options: { usedMs: number; restoredMs?: number; reaped?: boolean }) {
  const { call_id: id } = await bank.open(person);
  const callId = String(id);
  if (options.reaped) {
    await bank.renew(callId, 1, options.usedMs);
    await lapse(db.sql, callId);
    await bank.reap();
  } else {
    const settlement = { p_call_id: callId, p_epoch: 1, p_used_ms: options.usedMs, p_end_reason: 'silence' };
    const more = { p_windows: WINDOWS, p_restored_ms: options.restoredMs ?? 0 };
    await overSql(db.sql)('settle_call', { ...settlement, ...more });
  }
  return callId;
}

let person: string;
beforeEach(async () => {
  person = await addPerson(db.sql);
  await giveTime(db.sql, person, 5, { bonusSeconds: 8, expiresInSeconds: 60 });
  await buy(bank, person, 'basic');
  await call(person, { usedMs: 12_000, restoredMs: 1_500 });
  await call(person, { usedMs: 9_999 });
  await call(person, { usedMs: 7_000, reaped: true });
  await call(person, { usedMs: 0 });
});

async function receipts(): Promise<Receipt[]> {
  const rows = await db.sql<{ receipt: unknown }[]>`
    select receipt from public.voice_sessions where user_id = ${person} and receipt is not null
    order by (receipt ->> 'number')::int`;
  return rows.map(({ receipt }) => receiptResponse.parse(receipt));
}

const verify = async () => {
  const [row] = await db.sql<{ answer: unknown }[]>`select public.verify_receipts(${person}) as answer`;
  return row?.answer;
};

/** Runs the script that docs/receipts.md gives to its readers. */
function checkByHand(chain: readonly unknown[]): string[] {
  const [, script] = /```js\n([\s\S]*?)```/.exec(readFileSync('docs/receipts.md', 'utf8')) ?? [];
  writeFileSync(join(folder, 'check.mjs'), script ?? '');
  writeFileSync(join(folder, 'receipts.json'), JSON.stringify(chain));
  const output = execFileSync(process.execPath, ['check.mjs', 'receipts.json'], { cwd: folder });
  return output.toString().trim().split('\n');
}

/** What no function allows. */
const forge = (number: number, change: string) =>
  db.sql.unsafe(
    `update public.calls set receipt = ${change}
     where user_id = '${person}' and receipt ->> 'number' = '${number}'`,
  );

test('a receipt says what was taken from which card, at which tariff, paid and bonus apart', async () => {
  const [first, second] = await receipts();
  expect(first).toMatchObject({
    number: 1,
    end_reason: 'silence',
    settled_by: 'worker',
    used_ms: 12_000,
    restored_ms: 1_500,
    charged_seconds: 10,
    paid_seconds: 2,
    bonus_seconds: 8,
    slices: { slice_seconds: 30, granted_seconds: 30 },
    windows: WINDOWS,
    previous_hash: null,
    balance_seconds: 19_803,
  });
  expect(first?.cards).toMatchObject([
    {
      source: 'goodwill',
      seconds: 10,
      bonus_seconds: 8,
      paid_seconds: 2,
      remaining_seconds: 3,
      tariff: null,
    },
  ]);
  expect(second?.cards).toMatchObject([
    { source: 'goodwill', seconds: 3, paid_seconds: 3, remaining_seconds: 0 },
    {
      source: 'paid',
      package_id: 'basic',
      seconds: 6,
      remaining_seconds: 19_794,
      tariff: { price_cents: 4499, currency: 'usd', seconds: 19_800 },
    },
  ]);
  expect(await violations(db.sql)).toEqual([]);
});

test('a chain is verified by the database and by hand', async () => {
  const chain = await receipts();
  expect(chain.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  expect(chain.slice(1).map((one) => one.previous_hash)).toEqual(chain.slice(0, -1).map((one) => one.hash));
  expect(await verify()).toEqual({ receipts: 4, broken: [], complete: true });
  expect(checkByHand(chain)).toEqual(['1 ok', '2 ok', '3 ok', '4 ok']);
});

test.each([
  ['a second less charged', `receipt || '{"charged_seconds": 8}'`],
  ['a window billed', `jsonb_set(receipt, '{windows,0,billed}', 'true')`],
  ['a card left out', `receipt || '{"cards": []}'`],
  ['something added', `receipt || '{"note": "trust me"}'`],
  ['something removed', `receipt - 'rounding'`],
])('a changed receipt is found: %s', async (_what, change) => {
  const before = await receipts();
  await forge(2, change);
  expect(await verify()).toMatchObject({ broken: [2] });
  const rows = await db.sql<{ receipt: unknown }[]>`
    select receipt from public.voice_sessions where user_id = ${person} order by (receipt ->> 'number')::int`;
  expect(before).toHaveLength(rows.length);
  expect(checkByHand(rows.map(({ receipt }) => receipt))).toEqual(['1 ok', '2 CHANGED', '3 ok', '4 ok']);
});

test('a receipt that is changed with its hash breaks the one after it', async () => {
  await forge(2, `receipt || '{"charged_seconds": 8}'`);
  await forge(2, `receipt || jsonb_build_object('hash', private.receipt_hash(receipt))`);
  expect(await verify()).toMatchObject({ broken: [3] });
  expect(checkByHand(await receipts())).toEqual(['1 ok', '2 ok', '3 BROKEN CHAIN', '4 ok']);
});

test('the last receipt, changed with its hash, is not the one that was written', async () => {
  await forge(4, `receipt || '{"end_reason": "another"}'`);
  await forge(4, `receipt || jsonb_build_object('hash', private.receipt_hash(receipt))`);
  expect(await verify()).toEqual({ receipts: 4, broken: [], complete: false });
});

test.each([1, 2, 4])('a removed receipt is found: no. %i', async (number) => {
  await db.sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    await sql`delete from public.calls where user_id = ${person} and receipt ->> 'number' = ${String(number)}`;
  });
  expect(await verify()).toMatchObject({ receipts: 3, complete: false });
  const chain = await receipts();
  expect(chain).toHaveLength(3);
  if (number < 4) expect(checkByHand(chain)).toContain(`${number + 1} BROKEN CHAIN`);
  expect((await violations(db.sql)).map(({ detail }) => detail)).toContain('4 receipts, 3 settled calls');
  // The others of this file look at a sound database.
  await db.sql`update public.accounts set receipts = 3 where id = ${person}`;
});

test('a repeated settlement writes no second receipt', async () => {
  const callId = await call(person, { usedMs: 3_000 });
  const again = await bank.settle(callId, 1, 8_000);
  expect(again).toMatchObject({ status: 'settled', replayed: true, receipt: { charged_seconds: 3 } });
  expect(await receipts()).toHaveLength(5);
  expect(await verify()).toMatchObject({ broken: [], complete: true });
});
