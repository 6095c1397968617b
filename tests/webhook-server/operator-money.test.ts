import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { comparePayments } from '../../webhook-server/payments/compare-payments.ts';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
let operator: Person;
let colleague: Person;
let person: Person;
beforeAll(async () => {
  sidecar = await startSidecar();
  [operator, colleague] = [await sidecar.database.signUp(), await sidecar.database.signUp()];
  await sidecar.database
    .sql`update users set role = 'operator' where id in (${operator.id}, ${colleague.id})`;
});
afterAll(() => sidecar.close());
beforeEach(async () => {
  person = await sidecar.database.signUp();
});
afterEach(() => sidecar.expectSound());

async function purchaseOf(intentId: string): Promise<string> {
  const [row] = await sidecar.database.sql`select id from purchases where payment_intent_id = ${intentId}`;
  return String(row?.id);
}
async function bought(by = person) {
  const intentId = await sidecar.buy(by);
  return { intentId, purchaseId: await purchaseOf(intentId) };
}
const account = async () =>
  (
    await sidecar.database.sql`
    select balance_seconds::int as balance, debt_seconds::int as debt from time_accounts where user_id = ${person.id}`
  )[0];
const refundsOf = async (intentId: string) =>
  (await sidecar.stripe.refunds.list({ payment_intent: intentId })).data.map(({ amount }) => amount);

function refund(
  purchaseId: string,
  body: object = { reason: 'asked for it' },
  { by = operator, key = randomUUID() }: { by?: Person; key?: string } = {},
) {
  return sidecar.post(`/operator/purchases/${purchaseId}/refund`, {
    person: by,
    body,
    headers: { 'idempotency-key': key },
  });
}

describe('a refund by an operator', () => {
  test('gives the money back and takes the time, in full', async () => {
    const { intentId, purchaseId } = await bought();
    const answer = await refund(purchaseId);
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      amount_cents: 999,
      refunded_cents: 999,
      taken_back_seconds: 3600,
      replayed: false,
    });
    expect(await refundsOf(intentId)).toEqual([999]);
    expect(await account()).toEqual({ balance: 0, debt: 0 });
    const acts = await sidecar.database
      .sql`select operator_id, act, reason from operator_acts where subject = ${purchaseId}`;
    expect([...acts]).toEqual([{ operator_id: operator.id, act: 'refund', reason: 'asked for it' }]);
  });

  test('takes a part from the remainder first, then as debt, which the next purchase pays', async () => {
    const { purchaseId } = await bought();
    await sidecar.database.service.rpc('deduct_user_time', { user_id: person.id, minutes: 50 });
    await refund(purchaseId, { amount_cents: 333, reason: 'a third' });
    expect(await account()).toEqual({ balance: 0, debt: 600 });
    await bought();
    expect(await account()).toEqual({ balance: 3000, debt: 0 });
  });

  test('with the same key happens once, also when asked ten times at once', async () => {
    const { intentId, purchaseId } = await bought();
    const key = randomUUID();
    const body = { amount_cents: 100, reason: 'x' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => refund(purchaseId, body, { key })));
    for (const answer of answers) expect([201, 502]).toContain(answer.status);
    expect((await refund(purchaseId, body, { key })).body).toMatchObject({ replayed: true });
    expect(await refundsOf(intentId)).toEqual([100]);
    const reused = await refund(purchaseId, { amount_cents: 101, reason: 'x' }, { key });
    expect([reused.status, codeOf(reused)]).toEqual([409, 'idempotency_key_reused']);
  });

  test('never gives more than was paid, however many operators try at once', async () => {
    const { intentId, purchaseId } = await bought();
    const answers = await Promise.all(
      [operator, colleague, operator, colleague].map((by) =>
        refund(purchaseId, { amount_cents: 600, reason: 'x' }, { by }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    expect(await refundsOf(intentId)).toEqual([600]);
    expect((await refund(purchaseId)).body).toMatchObject({ amount_cents: 399, refunded_cents: 999 });
    const more = await refund(purchaseId);
    expect([more.status, codeOf(more)]).toEqual([409, 'not_refundable']);
  });

  test('whose answer got lost is found, not made again', async () => {
    const { intentId, purchaseId } = await bought();
    const key = randomUUID();
    sidecar.failStripe(({ method, path }) =>
      method === 'POST' && path === '/v1/refunds' ? 'drop_answer' : undefined,
    );
    await refund(purchaseId, { reason: 'x' }, { key });
    sidecar.failStripe(() => undefined);
    expect((await refund(purchaseId, { reason: 'x' }, { key })).body).toMatchObject({ refunded_cents: 999 });
    expect(await refundsOf(intentId)).toEqual([999]);
  });

  test('that Stripe failed to make is taken up by the reconciler', async () => {
    const { intentId, purchaseId } = await bought();
    sidecar.failStripe(({ method, path }) =>
      method === 'POST' && path === '/v1/refunds' ? 'api_error' : undefined,
    );
    const answer = await refund(purchaseId);
    expect([answer.status, codeOf(answer)]).toEqual([502, 'payment_provider_unavailable']);
    sidecar.failStripe(() => undefined);
    expect(await refundsOf(intentId)).toEqual([]);
    const later = { ...sidecar.deps, now: () => new Date(Date.now() + 120_000) };
    expect(await comparePayments(later, new Date())).toMatchObject({ failures: 0 });
    expect(await refundsOf(intentId)).toEqual([999]);
    expect(await account()).toEqual({ balance: 0, debt: 0 });
  });

  test('that Stripe refuses stays refused under its key', async () => {
    const { intentId, purchaseId } = await bought();
    const key = randomUUID();
    // Money that left another way, of which the books may not know yet.
    const { latest_charge: charge } = await sidecar.stripe.paymentIntents.retrieve(intentId);
    sidecar.standIn.disputeCharge(String(charge));
    const answer = await refund(purchaseId, { reason: 'x' }, { key });
    expect([answer.status, codeOf(answer)]).toEqual([409, 'not_refundable']);
    expect((await refund(purchaseId, { reason: 'x' }, { key })).status).toBe(409);
    expect(await refundsOf(intentId)).toEqual([]);
  });

  test('is for operators only, about others only, and about what was paid', async () => {
    const { purchaseId } = await bought();
    expect((await refund(purchaseId, { reason: 'x' }, { by: person })).status).toBe(403);
    const own = await bought(operator);
    expect((await refund(own.purchaseId)).status).toBe(403);
    expect((await refund(own.purchaseId, { reason: 'x' }, { by: colleague })).status).toBe(201);
    expect((await refund(randomUUID())).status).toBe(404);
    const { payment_intent_id: unpaid } = await sidecar.begin(person);
    expect(codeOf(await refund(await purchaseOf(unpaid)))).toBe('not_refundable');
    for (const body of [
      {},
      { reason: ' ' },
      { reason: 'x', amount_cents: 0 },
      { reason: 'x', amount_cents: 1.5 },
    ]) {
      expect((await refund(purchaseId, body)).status).toBe(400);
    }
    expect(await account()).toEqual({ balance: 3600, debt: 0 });
  });
});

describe('a purchase under review', () => {
  async function inReview() {
    const { payment_intent_id: intentId } = await sidecar.begin(person);
    await sidecar.stripe.paymentIntents.update(intentId, { amount: 500 });
    await sidecar.pay(intentId);
    const purchaseId = await purchaseOf(intentId);
    await comparePayments(sidecar.deps, new Date(0));
    return { intentId, purchaseId };
  }
  const decide = (purchaseId: string, decision: string, by = operator, reason = 'looked at it') =>
    sidecar.post(`/operator/purchases/${purchaseId}/review`, { person: by, body: { decision, reason } });

  test('is listed with what does not fit, and released by an operator', async () => {
    const { purchaseId } = await inReview();
    const list = await sidecar.get('/operator/reviews', { person: operator });
    expect(
      (list.body as { purchases: { id: string }[] }).purchases.find(({ id }) => id === purchaseId),
    ).toMatchObject({
      amount_cents: 999,
      received_cents: 500,
      review_reason: '500 usd received for 999 usd',
    });
    expect((await decide(purchaseId, 'release', person)).status).toBe(403);
    expect((await decide(purchaseId, 'release')).body).toEqual({ status: 'succeeded', refunded_cents: 0 });
    expect((await decide(purchaseId, 'release')).body).toEqual({ status: 'succeeded', refunded_cents: 0 });
    expect(codeOf(await decide(purchaseId, 'refuse'))).toBe('purchase_closed');
    expect(await account()).toEqual({ balance: 3600, debt: 0 });
    // A refund of half of what was paid is half of the time.
    expect((await refund(purchaseId, { amount_cents: 250, reason: 'x' })).body).toMatchObject({
      taken_back_seconds: 1800,
    });
  });

  test('is refused by an operator, and the money goes back', async () => {
    const { intentId, purchaseId } = await inReview();
    expect((await decide(purchaseId, 'refuse')).body).toEqual({ status: 'refused', refunded_cents: 500 });
    expect((await decide(purchaseId, 'refuse', colleague)).body).toMatchObject({ status: 'refused' });
    expect(await refundsOf(intentId)).toEqual([500]);
    expect(await account()).toEqual({ balance: 0, debt: 0 });
    expect(codeOf(await decide(purchaseId, 'release'))).toBe('purchase_closed');
  });
});
