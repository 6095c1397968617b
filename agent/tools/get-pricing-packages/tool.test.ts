import { expect, it } from 'vitest';
import { callContext, PRICING, useTool } from '../../../tests/agent/use-tool.ts';
import { checkSentences } from '../../../tests/languages/check-sentences.ts';
import { createTestDatabase } from '../../../tests/support/database.ts';
import { buy, createBank, overSql, PRICES } from '../../../tests/time/bank.ts';
import { addPerson } from '../../../tests/time/people.ts';
import getPricingPackages from './tool.ts';

checkSentences(getPricingPackages, (say, seconds) => ({
  nothing: say.nothing,
  begin: say.begin,
  each: say.each({ name: 'Basic', seconds, amount: 4499, currency: 'eur' }),
  end: say.end,
}));

it('names each package with its time and price, and answers the figures', async () => {
  const answer = await useTool(getPricingPackages, {}, callContext({ pricing: async () => PRICING }));
  expect(answer).toEqual({
    speech:
      'These are our packages. Basic gives you 5 hours and 30 minutes for 44 dollars and 99 cents. Starter gives you 1 hour for 9 dollars and 99 cents. Just name the one you want.',
    packages: PRICING.packages,
  });
});

it('says so when nothing is for sale', async () => {
  const pricing = async () => ({ ...PRICING, packages: [] });
  const { speech } = await useTool(getPricingPackages, {}, callContext({ pricing }));
  expect(speech).toBe('We have no packages for sale right now.');
});

it('tells who owes that what they buy pays that first', async () => {
  const db = await createTestDatabase();
  const bank = createBank(overSql(db.sql));
  const userId = await addPerson(db.sql);
  const { intentId } = await buy(bank, userId, 'starter');
  await bank.deduct(userId, 50);
  await bank.refund(intentId, PRICES.starter);
  const owing = callContext({ userId, database: db.service as never, pricing: async () => PRICING });
  const meter = owing.meter();
  const call = { ...owing, meter: () => meter && { ...meter, grant: { freeSeconds: 0 } } };
  const { speech } = await useTool(getPricingPackages, {}, call);
  expect(speech).toContain('You owe 50 minutes that you used');
  await db.close();
});
