import { afterEach, beforeEach, expect, test } from 'vitest';
import { HANDLED_EVENTS } from '../../webhook-server/payments/handled-events.ts';
import { createReconciler, reconcilePayments } from '../../webhook-server/payments/reconcile-payments.ts';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
beforeEach(async () => {
  sidecar = await startSidecar({ webhooks: false });
});
afterEach(() => sidecar.close());

const EPOCH = new Date(0);

async function paid() {
  const person = await sidecar.database.signUp();
  const { payment_intent_id: intentId } = await sidecar.begin(person);
  await sidecar.pay(intentId);
  return { person, intentId };
}

test('heals what no webhook told of, and only once', async () => {
  const bought = [await paid(), await paid(), await paid()];
  await sidecar.stripe.refunds.create({ payment_intent: bought[2]?.intentId ?? '' });
  const reconcile = createReconciler(sidecar.deps);
  await reconcile();
  const balances = await Promise.all(bought.map(({ person }) => sidecar.balanceOf(person)));
  expect(balances).toEqual([3600, 3600, 0]);
  await reconcile();
  await createReconciler(sidecar.deps)();
  expect(await Promise.all(bought.map(({ person }) => sidecar.balanceOf(person)))).toEqual(balances);
  await sidecar.expectSound();
});

test('two reconcilers and the webhook at once yield one card', async () => {
  const { person } = await paid();
  const [event] = await sidecar.events('payment_intent.succeeded');
  if (event === undefined) throw new Error('the event is missing');
  await Promise.all([
    reconcilePayments(sidecar.deps, EPOCH),
    reconcilePayments(sidecar.deps, EPOCH),
    sidecar.deliver(event),
  ]);
  expect(await sidecar.balanceOf(person)).toBe(3600);
  await sidecar.expectSound();
});

test('asks Stripe for nothing about events it knows', async () => {
  await paid();
  await reconcilePayments(sidecar.deps, EPOCH);
  const asked: string[] = [];
  sidecar.failStripe(({ path }) => {
    asked.push(path);
    return undefined;
  });
  await reconcilePayments(sidecar.deps, EPOCH);
  // Stripe takes twenty kinds of events in one list.
  const lists = Math.ceil(HANDLED_EVENTS.length / 20);
  expect(asked).toEqual(Array.from({ length: lists }, () => '/v1/events'));
});

test('one event that cannot be applied does not hold up the others, and is tried again', async () => {
  const [stuck, fine] = [await paid(), await paid()];
  sidecar.failStripe(({ path }) => (path.includes(stuck.intentId) ? 'api_error' : undefined));
  await expect(reconcilePayments(sidecar.deps, EPOCH)).rejects.toMatchObject({ code: 'internal' });
  expect(await sidecar.balanceOf(fine.person)).toBe(3600);
  expect(await sidecar.balanceOf(stuck.person)).toBe(0);
  sidecar.failStripe(() => undefined);
  await reconcilePayments(sidecar.deps, EPOCH);
  expect(await sidecar.balanceOf(stuck.person)).toBe(3600);
});

test('after an outage of any length it looks back to where it was', async () => {
  let now = new Date();
  const reconcile = createReconciler({ ...sidecar.deps, now: () => now });
  await reconcile();
  const { person } = await paid();
  sidecar.failStripe(() => 'api_error');
  now = new Date(now.getTime() + 48 * 3600_000);
  await expect(reconcile()).rejects.toMatchObject({ code: 'payment_provider_unavailable' });
  sidecar.failStripe(() => undefined);
  await reconcile();
  expect(await sidecar.balanceOf(person)).toBe(3600);
});

test('goes through all pages', async () => {
  const people = [await paid(), await paid()];
  const decline = people[0]?.person;
  if (decline === undefined) throw new Error('nobody is there');
  const { payment_intent_id: intentId } = await sidecar.begin(decline, 'basic');
  for (let i = 0; i < 105; i++) await sidecar.pay(intentId, 'pm_card_chargeDeclined').catch(() => undefined);
  await reconcilePayments(sidecar.deps, EPOCH);
  expect(await Promise.all(people.map(({ person }) => sidecar.balanceOf(person)))).toEqual([3600, 3600]);
});
