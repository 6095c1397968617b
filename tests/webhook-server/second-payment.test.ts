import { afterAll, beforeAll, expect, test } from 'vitest';
import { comparePayments } from '../../webhook-server/payments/compare-payments.ts';
import { returnSecondPayment } from '../../webhook-server/payments/return-second-payment.ts';
import type { Person } from '../support/database.ts';
import { makeAllDue, workJobs } from '../support/queue.ts';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar({ webhooks: false });
});
afterAll(() => sidecar.close());

/** A purchase with its own intent, and another intent that names it and is paid. */
async function paidTwice(order: 'own' | 'other') {
  const person = await sidecar.database.signUp();
  const { payment_intent_id: own } = await sidecar.begin(person);
  const { metadata } = await sidecar.stripe.paymentIntents.retrieve(own);
  const { id: other } = await sidecar.stripe.paymentIntents.create({
    amount: 999,
    currency: 'usd',
    metadata,
  });
  for (const intent of order === 'own' ? [own, other] : [other, own]) await sidecar.pay(intent);
  return { person, own, other };
}
const work = () => workJobs(sidecar, 'return_second_payment', returnSecondPayment);
const refundsOf = async (intent: string) =>
  (await sidecar.stripe.refunds.list({ payment_intent: intent })).data.map(({ amount }) => amount);
async function expectPaidOnce({ person, own, other }: { person: Person; own: string; other: string }) {
  expect(await refundsOf(other)).toEqual([999]);
  expect(await refundsOf(own)).toEqual([]);
  expect(await sidecar.balanceOf(person)).toBe(3600);
  await sidecar.expectSound();
}

test.each(['own', 'other'] as const)(
  'by events, %s first: the second money goes back once',
  async (first) => {
    const bought = await paidTwice(first);
    const events = (await sidecar.events('payment_intent.succeeded')).slice(0, 2).reverse();
    const outcomes = [];
    for (const event of events)
      outcomes.push(((await sidecar.deliver(event)).body as { outcome: string }).outcome);
    expect(outcomes).toEqual(first === 'own' ? ['applied', 'second_payment'] : ['second_payment', 'applied']);
    await Promise.all([work(), work()]);
    await expectPaidOnce(bought);
  },
);

test('by the comparison, which then has nothing more to ask', async () => {
  const bought = await paidTwice('other');
  const since = new Date(Date.now() - 60_000);
  const { findings, healed } = await comparePayments(sidecar.deps, since);
  expect(findings).toContainEqual(expect.objectContaining({ kind: 'second_payment', subject: bought.other }));
  expect(healed).toContain(bought.own);
  await work();
  await expectPaidOnce(bought);
  await comparePayments(sidecar.deps, since);
  const asked: string[] = [];
  sidecar.failStripe(({ path }) => void asked.push(path));
  expect((await comparePayments(sidecar.deps, since)).findings).toEqual([]);
  sidecar.failStripe(() => undefined);
  expect(asked.filter((path) => path.includes(bought.other))).toEqual([]);
});

test('an answer that got lost leads to no second refund, and one that somebody made by hand to none', async () => {
  const bought = await paidTwice('own');
  await comparePayments(sidecar.deps, new Date(Date.now() - 60_000));
  sidecar.failStripe(({ method, path }) =>
    method === 'POST' && path === '/v1/refunds' ? 'drop_answer' : undefined,
  );
  await work();
  sidecar.failStripe(() => undefined);
  await makeAllDue(sidecar);
  await work();
  await expectPaidOnce(bought);
});

test('what cannot be returned is given up at once, and the finding says why', async () => {
  const { other } = await paidTwice('own');
  await comparePayments(sidecar.deps, new Date(Date.now() - 60_000));
  const { latest_charge: charge } = await sidecar.stripe.paymentIntents.retrieve(other);
  sidecar.standIn.disputeCharge(String(charge));
  await work();
  const [job] = await sidecar.database.sql`select state, output from pgboss.job
    where name = 'return_second_payment' and data ->> 'payment_intent_id' = ${other}`;
  expect(job).toMatchObject({ state: 'failed' });
  const [finding] = await sidecar.database
    .sql`select detail from reconciliation_findings where subject = ${other}`;
  expect(finding?.detail).toContain('could not be returned: Stripe refuses this for good (charge_disputed');
});

test('an intent of another product is none of ours, whatever it calls its own purchases', async () => {
  const foreign = await sidecar.stripe.paymentIntents.create({
    amount: 500,
    currency: 'usd',
    metadata: { purchase_id: crypto.randomUUID(), order: '7' },
  });
  await sidecar.pay(foreign.id);
  const { findings } = await comparePayments(sidecar.deps, new Date(Date.now() - 60_000));
  expect(findings.filter(({ subject }) => subject === foreign.id)).toEqual([]);
  expect(await refundsOf(foreign.id)).toEqual([]);
});
