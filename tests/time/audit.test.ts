import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { undone } from '../support/undone.ts';
import { buy, createBank, overSql } from './bank.ts';
import { CORRUPTIONS, type Corrupt } from './corruptions.ts';
import { addPerson, giveTime, violations } from './people.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

/** A small honest world, then one corruption by a superuser who switches every guard off, then undone. */
async function auditAfter(corrupt: Corrupt) {
  let found: string[] = [];
  await undone(db, async (sql) => {
    const bank = createBank(overSql(sql));
    const [userId, other] = [await addPerson(sql), await addPerson(sql)];
    const [live, settled] = [randomUUID(), randomUUID()];
    const { cardId, intentId } = await buy(bank, userId, 'basic');
    const gift = (await buy(bank, userId, 'starter', 'gift')).cardId;
    const { cardId: disputed, intentId: disputedIntent } = await buy(bank, await addPerson(sql), 'starter');
    await bank.dispute(disputedIntent, 'open', 500);
    await giveTime(sql, other, 500);
    await bank.open(userId, { callId: settled });
    await bank.settle(settled, 1, 20_500);
    await bank.open(userId, { callId: live });
    await bank.renew(live, 1, 10_000);
    await bank.refund(intentId, 100);
    expect(await violations(sql)).toEqual([]);
    await sql`set local session_replication_role = replica`;
    await corrupt(sql, { userId, other, cardId, live, settled, gift, disputed });
    found = (await violations(sql)).map((row) => row.invariant);
  });
  return [...new Set(found)].sort();
}

test.each(CORRUPTIONS)('%s: %s', async (invariant, _name, corrupt) => {
  expect(await auditAfter(corrupt)).toContain(invariant);
});

test('an honest world has no violation', async () => {
  expect(await auditAfter(async () => {})).toEqual([]);
});

test('every invariant has a corruption that it catches', () => {
  expect([...new Set(CORRUPTIONS.map(([invariant]) => invariant))].sort()).toEqual([
    'I1',
    'I2',
    'I3',
    'I4',
    'I5',
    'I6',
  ]);
});
