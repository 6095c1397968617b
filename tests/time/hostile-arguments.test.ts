import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, createBank, overSql } from './bank.ts';
import { goodArguments, HOSTILE, publicRoutines } from './hostile-values.ts';
import { addPerson, giveTime, violations } from './people.ts';

let db: TestDatabase;
let bank: Bank;
let userId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  bank = createBank(overSql(db.sql));
  userId = await addPerson(db.sql);
  await giveTime(db.sql, userId, 1_000_000);
  await db.sql`update users set role = 'operator' where id = ${userId}`;
});
afterAll(() => db.close());

test('every function takes every hostile value in every place without harm', async () => {
  let tried = 0;
  for (const { routine, arguments: list } of await publicRoutines(db.sql)) {
    for (const target of list) {
      const values = HOSTILE[target.type];
      expect(values, `no hostile values for ${routine}(${target.name} ${target.type})`).toBeDefined();
      for (const value of values ?? []) {
        tried++;
        const good = await goodArguments(bank, userId, routine);
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
