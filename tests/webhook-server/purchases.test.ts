import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type PurchasesResponse, purchasesResponse } from '../../shared/api/purchases.ts';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar, until } from '../support/sidecar.ts';
import { type Bank, buy, createBank, overSql } from '../time/bank.ts';

let sidecar: TestSidecar;
let bank: Bank;
let person: Person;
beforeAll(async () => {
  sidecar = await startSidecar();
  bank = createBank(overSql(sidecar.database.sql));
});
beforeEach(async () => {
  person = await sidecar.database.signUp();
});
afterAll(() => sidecar.close());

const at = (owner: Person, rest = '') => `/user/${owner.id}/purchases${rest}`;
const list = async (query = ''): Promise<PurchasesResponse> =>
  purchasesResponse.parse((await sidecar.get(at(person, query), { person })).body);

test('what was paid is listed with what went back, and what was only begun is not', async () => {
  await bank.begin(person.id, 'starter');
  const own = await buy(bank, person.id, 'starter');
  const gift = await buy(bank, person.id, 'basic', 'gift');
  await bank.refund(own.intentId, 300);
  const { purchases, next } = await list();
  expect(next).toBeNull();
  expect(purchases).toMatchObject([
    { purchase_id: gift.cardId, purpose: 'gift', package_name: 'Basic', received_cents: 4499, refunds: [] },
    {
      purchase_id: own.cardId,
      status: 'succeeded',
      total_seconds: 3600,
      refunded_cents: 300,
      taken_back_seconds: 1081,
      is_automatic: false,
      refunds: [{ amount_cents: 300, status: 'succeeded' }],
    },
  ]);
});

test('500 purchases are paged through, none twice and none left out, also those of one moment', async () => {
  const { sql } = sidecar.database;
  await sql`
    insert into purchases (user_id, package_id, purpose, idempotency_key, amount_cents, currency, paid_seconds, bonus_seconds,
      created_at)
    select ${person.id}, 'starter', 'me', 'many:' || n, 999, 'usd', 3600, 0, now() - (n / 7) * interval '1 day'
    from generate_series(1, 500) n`;
  await sql`update purchases set status = 'awaiting_payment', payment_intent_id = 'pi_' || id where user_id = ${person.id}`;
  await sql`update purchases set status = 'processing' where user_id = ${person.id}`;
  const seen: string[] = [];
  const days: string[] = [];
  for (let next: string | null | undefined; next !== null; ) {
    const page = await list(`?limit=90${next ? `&before=${next}` : ''}`);
    seen.push(...page.purchases.map(({ purchase_id: id }) => id));
    days.push(...page.purchases.map(({ created_at: day }) => day));
    next = page.next;
  }
  expect([seen.length, new Set(seen).size]).toEqual([500, 500]);
  expect(days).toEqual(days.toSorted().toReversed());
});

test('a receipt is in the reader’s language, on paper or in plain text, and tells what went back', async () => {
  const { cardId, intentId } = await buy(bank, person.id, 'starter');
  const receipt = (headers: Record<string, string>) =>
    sidecar.get(at(person, `/${cardId}/receipt`), { person, headers });
  const german = await receipt({ accept: 'text/html', 'accept-language': 'de-AT' });
  expect(german.headers.get('content-type')).toContain('text/html');
  expect(german.text).toContain('lang="de"');
  expect(german.text).toContain('9,99\u00a0$');
  await bank.refund(intentId, 300);
  const text = await receipt({ accept: 'text/plain', 'accept-language': 'en' });
  expect(text.text).toContain('Refunded in all: $3.00 of $9.99');
  // A paper, and no message.
  expect(text.text).not.toMatch(/Thank you|by a machine/);
  await sidecar.put(`/user/${person.id}/settings`, { person, body: { mail_language: 'fr' } });
  expect((await receipt({ accept: 'text/html', 'accept-language': 'de' })).text).toContain('Votre reçu');
});

test('Stripe’s own receipt is found for who paid', async () => {
  const { payment_intent_id: intentId } = await sidecar.begin(person, 'starter', 'me', crypto.randomUUID());
  await sidecar.pay(intentId, 'pm_card_visa');
  await until(async () => (await list()).purchases.length === 1);
  const id = (await list()).purchases[0]?.purchase_id;
  const { body } = await sidecar.get(at(person, `/${id}/stripe-receipt`), { person });
  const { receipt_url: url } = body as { receipt_url: string };
  expect(await (await fetch(url)).text()).toContain('$9.99');
});

test('nobody sees what others bought, and what was not paid has no receipt', async () => {
  const other = await sidecar.database.signUp();
  const { cardId } = await buy(bank, other.id, 'starter');
  const begun = await bank.begin(person.id, 'starter');
  for (const id of [cardId, begun, crypto.randomUUID()]) {
    for (const document of ['receipt', 'stripe-receipt']) {
      const answer = await sidecar.get(at(person, `/${id}/${document}`), { person });
      expect([answer.status, codeOf(answer)]).toEqual([404, 'not_found']);
    }
  }
  expect((await sidecar.get(at(other), { person })).status).toBe(403);
  expect(await list(`?before=${cardId}`)).toEqual({ purchases: [], next: null });
});
