import { test as base, expect } from 'vitest';
import { analyticsResponse } from '../../shared/api/accounts.ts';
import { readBalance } from '../../webhook-server/time-cards/read-balance.ts';
import { closing } from '../support/closing.ts';
import { createTestDatabase } from '../support/database.ts';
import { buy, createBank, overSql, PRICES } from '../time/bank.ts';
import { addPerson } from '../time/people.ts';

const test = base
  .extend(
    'db',
    { scope: 'file' },
    closing(() => createTestDatabase()),
  )
  .extend('bank', ({ db }) => createBank(overSql(db.sql)))
  .extend('userId', ({ db }) => addPerson(db.sql))
  .extend('card', ({ db, userId }) => async () => {
    const { cards } = await readBalance({ database: db.service, now: () => new Date() }, userId);
    return cards[0];
  })
  .extend('payment', ({ db, userId }) => async () => {
    const { data } = await db.service.rpc('get_user_analytics', { p_user_id: userId });
    return analyticsResponse.omit({ user_id: true }).parse(data).payments[0];
  });

test('a card whose money went back reads refunded, whatever of it was used', async ({
  bank,
  userId,
  card,
  payment,
}) => {
  const { intentId } = await buy(bank, userId, 'starter');
  expect(await card()).toMatchObject({ status: 'active', taken_back_seconds: 0, frozen_seconds: 0 });
  await bank.deduct(userId, 10);
  await bank.refund(intentId, PRICES.starter);
  expect(await card()).toMatchObject({ status: 'refunded', remaining_seconds: 0, taken_back_seconds: 3000 });
  expect(await payment()).toMatchObject({ refunded_cents: 999, disputed_cents: 0, lost_cents: 0 });
});

test('a card of which a part was refunded goes on, and is used up when it is used up', async ({
  bank,
  userId,
  card,
}) => {
  const { intentId } = await buy(bank, userId, 'starter');
  await bank.refund(intentId, 333);
  expect(await card()).toMatchObject({
    status: 'active',
    remaining_seconds: 2400,
    taken_back_seconds: 1200,
  });
  await bank.deduct(userId, 40);
  expect(await card()).toMatchObject({ status: 'exhausted', taken_back_seconds: 1200 });
});

test('a refund that failed took nothing', async ({ bank, userId, card, payment }) => {
  const { intentId } = await buy(bank, userId, 'starter');
  await bank.refund(intentId, PRICES.starter);
  await bank.failRefund(intentId);
  expect(await card()).toMatchObject({ status: 'active', remaining_seconds: 3600, taken_back_seconds: 0 });
  expect(await payment()).toMatchObject({ refunded_cents: 0 });
});

test.for([
  ['won', { status: 'active', remaining_seconds: 3600, frozen_seconds: 0, taken_back_seconds: 0 }, 0],
  ['lost', { status: 'refunded', remaining_seconds: 0, frozen_seconds: 0, taken_back_seconds: 3600 }, 999],
] as const)(
  'a card under dispute is frozen, and after it was %s it is not',
  async ([end, after, lost], { bank, userId, card, payment }) => {
    const { intentId } = await buy(bank, userId, 'starter');
    await bank.dispute(intentId, 'open', PRICES.starter);
    expect(await card()).toMatchObject({ status: 'frozen', frozen_seconds: 3600, taken_back_seconds: 0 });
    expect(await payment()).toMatchObject({ disputed_cents: 999, lost_cents: 0 });
    await bank.dispute(intentId, end, PRICES.starter);
    expect(await card()).toMatchObject(after);
    expect(await payment()).toMatchObject({ disputed_cents: 0, lost_cents: lost });
  },
);
