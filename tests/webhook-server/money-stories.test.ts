import { afterAll, beforeAll, expect, test } from 'vitest';
import { visit } from '../stripe-stand-in/harness.ts';
import type { Person } from '../support/database.ts';
import { NOT_BY_ITSELF_MS, startSidecar, type TestSidecar, until } from '../support/sidecar.ts';

let sidecar: TestSidecar;
const told: string[] = [];
beforeAll(async () => {
  sidecar = await startSidecar({
    settleAfterMs: NOT_BY_ITSELF_MS,
    config: { PUBLIC_URL: 'https://mindbot.example/' },
  });
});
afterAll(async () => {
  console.log(`minutes in the ledger, from the API to the end:\n  ${told.join('\n  ')}`);
  await sidecar.close();
});

/** What the ledger says a person has, in minutes: the sum of its entries, and not a column that is kept beside it. */
async function minutesOf({ id }: Person): Promise<number> {
  const [row] = await sidecar.database.sql`
    select coalesce(sum(seconds), 0)::float / 60 as minutes from time_ledger where user_id = ${id}`;
  return Number(row?.minutes);
}

/** Notes each step of a story with the minutes after it. */
async function tell(
  name: string,
  person: Person,
  steps: [step: string, go: () => Promise<unknown>, minutes: number][],
) {
  const line = [`${await minutesOf(person)}`];
  for (const [step, go, minutes] of steps) {
    await go();
    await until(async () => (await minutesOf(person)) === minutes);
    line.push(`${step}: ${minutes}`);
  }
  told.push(`${name}: ${line.join(', ')}`);
  await sidecar.expectSound();
}

const statusIs = (intentId: string, column: string, value: unknown) => () =>
  until(async () => {
    const [row] = await sidecar.database.sql`select * from purchases where payment_intent_id = ${intentId}`;
    return row?.[column] === value;
  });

async function begin() {
  const person = await sidecar.database.signUp();
  const { payment_intent_id: intentId } = await sidecar.begin(person);
  return { person, intentId, pay: (method: string) => () => sidecar.pay(intentId, method) };
}

test('a decline', async () => {
  const { person, intentId, pay } = await begin();
  const decline = () => expect(pay('pm_card_chargeDeclined')()).rejects.toThrow('declined');
  await tell('a decline', person, [
    ['declined', decline, 0],
    ['the order has failed', statusIs(intentId, 'status', 'failed'), 0],
    ['paid with another card', pay('pm_card_visa'), 60],
  ]);
});

test('a 3-D Secure challenge', async () => {
  const { person, intentId, pay } = await begin();
  const challenge = async () =>
    expect((await pay('pm_card_authenticationRequired')()).status).toBe('requires_action');
  const complete = () =>
    sidecar.stripe.paymentIntents.confirm(intentId, { return_url: 'https://example.com' });
  await tell('3-D Secure', person, [
    ['challenged', challenge, 0],
    ['completed', complete, 60],
  ]);
});

test('an asynchronous payment', async () => {
  const person = await sidecar.database.signUp();
  const answer = await sidecar.post('/create-checkout-session', {
    person,
    body: { package_id: 'starter' },
    headers: { 'idempotency-key': crypto.randomUUID() },
  });
  const { checkout_url: url } = answer.body as { checkout_url: string };
  const bank = {
    method: 'us_bank_account',
    name: 'Ada',
    routing_number: '110000000',
    account_number: '000123456789',
  };
  await tell('a bank debit', person, [
    ['on its way', () => visit(url, { email: 'payer@example.com', ...bank }), 0],
    ['arrived', async () => sidecar.standIn.settle(), 60],
  ]);
});

test('a partial refund', async () => {
  const { person, intentId, pay } = await begin();
  const refund = () => sidecar.stripe.refunds.create({ payment_intent: intentId, amount: 333 });
  await tell('a refund of a third', person, [
    ['paid', pay('pm_card_visa'), 60],
    ['3.33 of 9.99 refunded', refund, 40],
  ]);
});

/** Answers the bank that has opened a dispute. */
const dispute = (intentId: string, evidence: string) => async () => {
  const { data } = await sidecar.stripe.disputes.list({ payment_intent: intentId });
  await sidecar.stripe.disputes.update(data[0]?.id ?? '', {
    evidence: { uncategorized_text: evidence },
    submit: true,
  });
  sidecar.standIn.settle();
};

test.each([
  ['lost', 'losing_evidence', 0],
  ['won', 'winning_evidence', 60],
])('a dispute that is %s', async (end, evidence, minutes) => {
  const { person, intentId, pay } = await begin();
  const { latest_charge: charge } = await pay('pm_card_visa')();
  await tell(`a dispute that is ${end}`, person, [
    ['paid', async () => undefined, 60],
    ['disputed, and frozen', async () => sidecar.standIn.disputeCharge(String(charge)), 0],
    [end, dispute(intentId, evidence), minutes],
    ['the order says so', statusIs(intentId, 'lost_cents', minutes === 0 ? 999 : 0), minutes],
  ]);
});
