import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { listPackages } from '../../../shared/catalogue/list-packages.ts';
import { LOCALE_TAGS, languageOf } from '../../../shared/spoken/locales.ts';
import { FakeLine } from '../../../tests/agent/fake-call.ts';
import { callContext, useTool } from '../../../tests/agent/use-tool.ts';
import { checkSentences, durationsIn } from '../../../tests/languages/check-sentences.ts';
import { amountHeard } from '../../../tests/languages/read-aloud.ts';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import { createBank, overSql, PRICES, buy as pay } from '../../../tests/time/bank.ts';
import { spokenFigures } from '../../sentences/sentences-for.ts';
import type { CallContext } from '../call-context.ts';
import startPurchaseProcess from './tool.ts';

checkSentences(startPurchaseProcess, (say, seconds) => ({
  checkout: say.checkout({ name: 'Basic', seconds, amount: 4499, currency: 'eur' }),
  paysDebt: say.paysDebt(seconds, seconds),
  paysNothingElse: say.paysDebt(seconds, 0),
  pay: say.pay,
  payDebt: say.payDebt,
}));

it.each(LOCALE_TAGS)('a price that is said in %s is the one in the catalogue', (locale) => {
  const say = startPurchaseProcess.sentences[languageOf(locale)](spokenFigures(locale));
  const words = /\d[\d.,]* [\p{L} ]+? \p{L}+ \d+ \p{L}+|\d+ \p{L}+/u;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 99_999_999 }),
      fc.constantFrom('usd', 'eur', 'gbp'),
      (amount, currency) => {
        const said = say.checkout({ name: 'Basic', seconds: 3600, amount, currency });
        const [, price = ''] = / (?:for|für|por|pour) (\d.*?)\.$/.exec(said) ?? [];
        expect(price).toMatch(words);
        expect(amountHeard(price, currency, locale)).toBe(amount);
      },
    ),
    { numRuns: 200 },
  );
});

let db: TestDatabase;
let call: CallContext;
let line: FakeLine;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  const { id: userId } = await db.signUp();
  line = new FakeLine('present');
  call = callContext({ userId, database: db.service, line, pricing: () => listPackages(db.service) });
});

const buy = (package_id: string) => useTool(startPurchaseProcess, { package_id }, call);
const purchases = () => db.sql`select * from public.purchases where user_id = ${call.userId}`;

it('opens the checkout on the page, and moves no money', async () => {
  const answer = await buy('basic');
  const [purchase] = await purchases();
  expect(purchase).toMatchObject({ amount_cents: 4499, status: 'created', purpose: 'me' });
  expect(answer).toEqual({
    speech:
      'I have opened the checkout for Basic: 5 hours and 30 minutes for 44 dollars and 99 cents. Please pay on your page, and the time is yours at once.',
    pays_debt_seconds: 0,
    purchase_id: purchase?.id,
    price_cents: 4499,
    currency: 'usd',
    package_id: 'basic',
  });
  expect(line.of('purchase')).toEqual([
    {
      type: 'purchase',
      call_id: call.callId,
      idempotency_key: `call:${call.callId}:basic:1`,
      package_id: 'basic',
      price_cents: 4499,
      currency: 'usd',
    },
  ]);
  expect(await db.sql`select * from public.audit_invariants()`).toHaveLength(0);
});

it('takes a name as a model may write it, and knows no other packages', async () => {
  expect(await buy(' Basic ')).toMatchObject({ package_id: 'basic' });
  await expect(buy('yacht')).rejects.toThrow('I do not know that package. Shall I list the packages?');
});

it('answers the same purchase as long as it is not paid', async () => {
  const { purchase_id } = await buy('basic');
  expect((await buy('basic')).purchase_id).toBe(purchase_id);
  expect(await purchases()).toHaveLength(1);
  expect(line.of('purchase').map(({ idempotency_key }) => idempotency_key)).toEqual([
    `call:${call.callId}:basic:1`,
    `call:${call.callId}:basic:1`,
  ]);
});

it.each([
  ['succeeded', false],
  ['canceled', false],
  ['failed', true],
] as const)('after the first one has %s: the same again is %s', async (status, isSame) => {
  const { purchase_id } = await buy('basic');
  await db.sql`update public.purchases set status = ${status} where id = ${String(purchase_id)}`;
  expect((await buy('basic')).purchase_id === purchase_id).toBe(isSame);
});

it.each([
  [10, 'says what of it pays a debt and what is left', [3600, 600, 3000]],
  [90, 'says that all of it pays a debt', [3600, 3600]],
] as const)('before somebody who owes %i minutes pays, it %s', async (minutes, _what, durations) => {
  const bank = createBank(overSql(db.sql));
  const { intentId } = await pay(bank, call.userId, minutes > 60 ? 'basic' : 'starter');
  await bank.deduct(call.userId, minutes);
  await bank.refund(intentId, minutes > 60 ? PRICES.basic : PRICES.starter);
  const answer = await buy('starter');
  expect(answer.pays_debt_seconds).toBe(Math.min(3600, minutes * 60));
  expect(durationsIn(answer.speech, 'en-US')).toEqual(durations);
  expect(answer.speech.endsWith('the time is yours at once.')).toBe(minutes < 60);
});

it('sells nothing where nobody can say what is owed', async () => {
  const { sql } = db;
  await sql`alter view public.time_accounts rename to away`;
  await expect(buy('basic')).rejects.toThrow('I cannot reach your account right now.');
  await sql`alter view public.away rename to time_accounts`;
  expect(await purchases()).toEqual([]);
});
