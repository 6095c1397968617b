import { expect } from 'vitest';
import { comparePackages, listPackages } from '../../shared/catalogue/list-packages.ts';
import { testWithDatabase as test } from '../support/test-with-database.ts';
import { createBank, overHttp } from './bank.ts';
import { addPerson, cardOf, violations } from './people.ts';

const tier = (id: string, total_minutes: number, price_cents: number, currency = 'usd') => ({
  id,
  name: id,
  hours: 0,
  minutes: 0,
  bonus_minutes: 0,
  total_minutes,
  price_cents,
  currency,
  description: '',
});
const bestOf = (...tiers: ReturnType<typeof tier>[]) =>
  comparePackages(tiers).flatMap(({ id, best_value }) => (best_value ? [id] : []));

test('ten minutes are priced, sold and given to the second', async ({ db }) => {
  await db.sql`insert into pricing_tiers (id, name, hours, minutes, price_cents, sort_order)
    values ('taste', 'Taste', 0, 10, 199, 0)`;
  const { packages } = await listPackages(db.service);
  expect(packages[0]).toMatchObject({
    id: 'taste',
    hours: 0,
    minutes: 10,
    total_minutes: 10,
    price_per_minute_micros: 199_000,
    best_value: false,
  });
  const bank = createBank(overHttp(db.service));
  const userId = await addPerson(db.sql);
  const id = await bank.begin(userId, 'taste');
  await bank.attach(id, `pi_${id}`);
  await bank.pay({ purchaseId: id, intentId: `pi_${id}`, cents: 199 });
  expect(await cardOf(db.sql, id)).toEqual({ status: 'active', remaining: 600 });
  await bank.refund(`pi_${id}`, 100);
  // 100 of 199 cents of 600 seconds, rounded down.
  expect(await cardOf(db.sql, id)).toEqual({ status: 'active', remaining: 600 - 301 });
  expect(await violations(db.sql)).toEqual([]);
});

test('a package of no time is not for sale', async ({ db }) => {
  await expect(
    db.sql`insert into pricing_tiers (id, name, hours, minutes, price_cents) values ('x', 'X', 0, 0, 199)`,
  ).rejects.toThrow('some_time_is_sold');
  await expect(
    db.sql`insert into pricing_tiers (id, name, hours, minutes, price_cents) values ('x', 'X', 1, 60, 199)`,
  ).rejects.toThrow('minutes_check');
});

test('what was for sale holds as much as before, and the largest is the best value', async ({ db }) => {
  const { packages } = await listPackages(db.service);
  expect(
    packages.filter(({ id }) => id !== 'taste').map(({ id, total_minutes }) => [id, total_minutes]),
  ).toEqual([
    ['starter', 60],
    ['basic', 330],
    ['premium', 720],
    ['pro', 1800],
    ['enterprise', 3600],
  ]);
  expect(packages.filter(({ best_value }) => best_value).map(({ id }) => id)).toEqual(['enterprise']);
});

test('the best value is told by exact fractions, within a currency, and only where there is a choice', () => {
  expect(bestOf(tier('only', 60, 999))).toEqual([]);
  expect(bestOf(tier('small', 60, 999), tier('same', 120, 1998))).toEqual([]);
  // Both cost 0.333333 a minute when rounded to millionths.
  expect(bestOf(tier('a', 3_000_003, 100_000_100), tier('b', 3_000_000, 100_000_001))).toEqual(['a']);
  expect(bestOf(tier('a', 60, 999), tier('b', 60, 500, 'eur'), tier('c', 90, 999))).toEqual(['c']);
});

test.for([
  ['usd', 999, 60, 166_500],
  ['jpy', 1500, 60, 25_000_000],
  ['kwd', 3000, 60, 50_000],
] as const)('a minute for %s is told in millionths of the unit', ([currency, cents, minutes, micros]) => {
  expect(comparePackages([tier('x', minutes, cents, currency)])[0]?.price_per_minute_micros).toBe(micros);
});
