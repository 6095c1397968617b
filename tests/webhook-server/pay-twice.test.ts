import { afterAll, beforeAll, expect, test } from 'vitest';
import { times } from '../support/long-run.ts';
import { startSidecar, type TestSidecar, until } from '../support/sidecar.ts';

const BUYERS = times(16, 64);

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar();
});
afterAll(() => sidecar.close());

test(`${BUYERS} buyers who press pay twice at once are charged once each, and have one card each`, async () => {
  const people = await Promise.all(Array.from({ length: BUYERS }, () => sidecar.database.signUp()));
  const press = async (person: (typeof people)[number]) => {
    const { payment_intent_id: intentId } = await sidecar.begin(person, 'starter', 'me', 'one attempt');
    // The second press finds it paid, or under way.
    await sidecar.pay(intentId).catch(() => undefined);
    return intentId;
  };
  const pressed = await Promise.all([...people, ...people].map(press));
  expect(new Set(pressed).size).toBe(BUYERS);
  const cards = async () => sidecar.database.sql`select user_id, payment_intent_id from time_cards`;
  await until(async () => (await cards()).length === BUYERS);

  const charges = [];
  for await (const charge of sidecar.stripe.charges.list({ limit: 100 })) charges.push(charge);
  expect(charges.filter(({ status }) => status === 'succeeded')).toHaveLength(BUYERS);
  expect(new Set((await cards()).map(({ user_id }) => user_id as string)).size).toBe(BUYERS);
  expect(new Set((await cards()).map((row) => row.payment_intent_id as string))).toEqual(new Set(pressed));
  const [balances] = await sidecar.database.sql`select sum(balance_seconds)::int as sum from time_accounts`;
  expect(balances?.sum).toBe(BUYERS * 3600);
  await sidecar.expectSound();
});
