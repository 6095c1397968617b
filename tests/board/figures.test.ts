import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { undone } from '../support/undone.ts';
import { buy, createBank, overSql } from '../time/bank.ts';
import { addPerson, giveTime } from '../time/people.ts';
import { differencesOf } from './figures.ts';
import { ask, bookedAt, talk } from './talk.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

describe('money', () => {
  test('currencies stand beside each other, never in one sum; a correction of the currency leaves nothing behind', () =>
    undone(db, async (sql) => {
      const bank = createBank(overSql(sql));
      const person = await addPerson(sql);
      await buy(bank, person, 'starter');
      const { cardId } = await buy(bank, person, 'basic', 'gift');
      await sql`update purchases set currency = 'eur' where id = ${cardId}`;
      const now = new Date();
      const [from, to] = [new Date(now.getTime() - 3_600_000), new Date(now.getTime() + 3_600_000)];
      const { money, packages } = await ask(
        sql,
        'board_money',
        from.toISOString(),
        to.toISOString(),
        'month',
        'UTC',
        'booked',
      );
      const sums = Object.fromEntries(
        ['usd', 'eur'].map((currency) => [
          currency,
          money.filter((row) => row.currency === currency).reduce((sum, row) => sum + row.received_cents, 0),
        ]),
      );
      expect(sums).toEqual({ usd: 999, eur: 4499 });
      expect(packages).toMatchObject([
        { currency: 'eur', package_id: 'basic', way: 'gift', purchases: 1, received_cents: 4499 },
        { currency: 'usd', package_id: 'starter', way: 'own', purchases: 1, received_cents: 999 },
      ]);
      expect(await differencesOf(sql)).toEqual([]);
    }));

  test('a refund in March of a sale in January is booked in March, and is the January of the other basis', () =>
    undone(db, async (sql) => {
      const bank = createBank(overSql(sql));
      const { cardId, intentId } = await buy(bank, await addPerson(sql), 'starter');
      await bookedAt(sql, cardId, '2026-01-31T23:59:59Z');
      await bank.refund(intentId, 400);
      await bookedAt(sql, cardId, '2026-03-01T00:00:00Z', '2026-01-31T23:59:59Z');
      const months = async (basis: string) => {
        const { money } = await ask(
          sql,
          'board_money',
          '2026-01-01T00:00:00Z',
          '2026-04-01T00:00:00Z',
          'month',
          'UTC',
          basis,
        );
        return money.map(({ step, received_cents, refunded_cents }) => [
          step.slice(0, 7),
          received_cents,
          refunded_cents,
        ]);
      };
      expect(await months('booked')).toEqual([
        ['2026-01', 999, 0],
        ['2026-03', 0, 400],
      ]);
      expect(await months('happened')).toEqual([['2026-01', 999, 400]]);
    }));
});

describe('days and months', () => {
  const ENDS = [
    '2026-02-28T22:59:59Z',
    '2026-02-28T23:00:00Z',
    '2026-02-28T23:59:59Z',
    '2026-03-01T00:00:00Z',
  ];

  test.each([
    [
      'UTC',
      [
        ['2026-02-01T00:00:00.000Z', 3],
        ['2026-03-01T00:00:00.000Z', 1],
      ],
    ],
    // An hour ahead: its March begins at 23:00 of UTC.
    [
      'Europe/Berlin',
      [
        ['2026-01-31T23:00:00.000Z', 1],
        ['2026-02-28T23:00:00.000Z', 3],
      ],
    ],
  ])('of %s end where they end there, whatever the zone of the session', (zone, expected) =>
    undone(db, async (sql) => {
      await sql`set local timezone = 'Pacific/Kiritimati'`;
      const person = await addPerson(sql);
      await giveTime(sql, person, 36_000);
      for (const at of ENDS) await talk(sql, person, at);
      const calls = async () => {
        const [first] = expected as [string, number][];
        const answer = await ask(
          sql,
          'board_time',
          String(first?.[0]),
          '2026-03-31T22:00:00Z',
          'month',
          zone,
        );
        return answer.calls.map((row) => [row.step, row.calls]);
      };
      expect(await calls()).toEqual(expected);
      await sql`insert into private.rolled_up (is_one, upto) select true, '0' on conflict (is_one) do nothing`;
      // Rolled up within this very transaction, which no other run would do: the sums say the same.
      await sql`select private.add_all(t.calls, t.entries, t.changes, t.since, null) from private.tail() t`;
      await sql`delete from private.settled_calls`;
      expect(await calls()).toEqual(expected);
    }),
  );

  test('with summer time a day has 23 hours, and all of them', () =>
    undone(db, async (sql) => {
      const { steps } = await ask(
        sql,
        'board_time',
        '2026-03-27T23:00:00Z',
        '2026-03-30T22:00:00Z',
        'day',
        'Europe/Berlin',
      );
      expect(steps).toEqual([
        '2026-03-27T23:00:00.000Z',
        '2026-03-28T23:00:00.000Z',
        '2026-03-29T22:00:00.000Z',
      ]);
    }));

  test.each([
    ['2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z', 'day', 'UTC'],
    ['2020-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 'hour', 'UTC'],
    ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', 'minute', 'UTC'],
    ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', 'day', 'Nowhere/At_All'],
  ])('a range from %s to %s by %s in %s is refused', async (...range) => {
    await expect(ask(db.sql, 'board_time', ...range)).rejects.toMatchObject({ code: '22023' });
  });
});
