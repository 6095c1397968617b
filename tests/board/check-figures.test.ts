import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { buy, createBank, overSql } from '../time/bank.ts';
import { addPerson } from '../time/people.ts';
import { differencesOf, rollUp, rollUpAll } from './figures.ts';
import { ask, talk } from './talk.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

describe('the check of a night', () => {
  test('a day whose sums are right stays; one of which a row is wrong, missing or too many is replaced, and a finding says so', async () => {
    const person = await addPerson(db.sql);
    await buy(createBank(overSql(db.sql)), person, 'starter');
    await talk(db.sql, person, new Date(Date.now() - 86_400_000).toISOString(), { turns: [[1, 1, 1, 1, 5]] });
    await rollUpAll(db.sql);
    const day = new Date().toISOString().slice(0, 10);
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    expect(await ask(db.sql, 'check_figures', day)).toMatchObject({ status: 'same' });
    expect(await ask(db.sql, 'check_figures', yesterday)).toMatchObject({ status: 'same' });
    await db.sql`update private.time_figures set seconds = seconds + 1 where grain = 'hour' and reason = 'grant'`;
    expect(await ask(db.sql, 'check_figures', day)).toMatchObject({
      status: 'replaced',
      tables: ['time_figures'],
    });
    await db.sql`delete from private.call_figures where grain = 'day'`;
    await db.sql`update private.active_people set people = people + 1`;
    expect(await ask(db.sql, 'check_figures', yesterday)).toMatchObject({
      status: 'replaced',
      tables: ['active_people', 'call_figures'],
    });
    expect(await differencesOf(db.sql)).toEqual([]);
    for (const at of [day, yesterday])
      expect(await ask(db.sql, 'check_figures', at)).toMatchObject({ status: 'same' });
    const found =
      await db.sql`select subject from reconciliation_findings where kind = 'figures_differ' order by subject`;
    expect(found.map(({ subject }) => subject)).toEqual([yesterday, day]);
    // A random day is one that there is.
    expect((await ask(db.sql, 'check_figures')).status).toMatch(/same|replaced/);
  });

  test('after a dump was restored into another server nothing is rolled up before somebody says so', async () => {
    await db.sql`update private.rolled_up set upto = (pg_snapshot_xmax(pg_current_snapshot())::text::bigint + 1000)::text::xid8`;
    expect(await rollUp(db.sql)).toBe('busy');
    await db.sql`select private.begin_figures_anew()`;
    expect(await rollUp(db.sql)).not.toBe('busy');
    await rollUpAll(db.sql);
    expect(await differencesOf(db.sql)).toEqual([]);
  });
});
