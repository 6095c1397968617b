import { randomUUID } from 'node:crypto';
import { llm } from '@livekit/agents';
import { expect } from 'vitest';
import { readPaidTools, sentences, speechOf } from '../../agent/paid-apis/paid-tools.ts';
import { createLogger } from '../../shared/logging.ts';
import { callContext, useTool } from '../agent/use-tool.ts';
import { checkSentences } from '../languages/check-sentences.ts';
import { testWithDatabase } from '../support/test-with-database.ts';
import { createBank, overSql } from '../time/bank.ts';
import { addPerson, giveTime, violations } from '../time/people.ts';
import { addSeller, walletsOf } from '../wallets/wallets.ts';
import { addProduct, sellerFixture } from './seller.ts';

const test = testWithDatabase.extend('seller', { scope: 'file' }, sellerFixture);

checkSentences({ sentences }, (say) => ({ failed: say.failed, asked: say.ask(500_000) }));

test('a paid API is used by voice: asked about when dear, on the receipt, and refused when the money is out', async ({
  db,
  seller,
}) => {
  const caller = await addPerson(db.sql);
  const sellerId = await addSeller(db.sql, await addPerson(db.sql));
  const offer = (name: string, price: number, more = {}) =>
    addProduct(db.sql, {
      origin: seller.origin,
      path: 'ok',
      seller_id: sellerId,
      name,
      price_per_call: price,
      is_spoken: true,
      ...more,
    });
  await offer('weather', 0.1, { speech: 'It is {temperature} degrees in {city}.' });
  await offer('dear_weather', 0.5);
  await offer('end_call', 0.1);
  await offer('silent_weather', 0.1, { is_spoken: false });
  const config = { API_SECRETS_KEY: undefined, PAID_API_ORIGINS: [seller.origin] };
  const read = async () =>
    readPaidTools({
      config,
      ticket: { userId: caller },
      database: db.service,
      logger: createLogger('test', 'silent'),
    });
  expect(await read()).toEqual([]);

  const wallets = walletsOf(db.sql);
  const wallet = await wallets.of('person', caller);
  await wallets.topUp(wallet, 850_000);
  const tools = await read();
  expect(tools.map(({ name }) => name)).toEqual(['weather', 'dear_weather']);
  const bank = createBank(overSql(db.sql));
  await giveTime(db.sql, caller, 60);
  const callId = randomUUID();
  await bank.open(caller, { callId });
  const call = callContext({ callId, userId: caller, database: db.service });
  const history = llm.ChatContext.empty();
  let uses = 0;
  const use = (name: string) => {
    const tool = tools.find((one) => one.name === name);
    const forModel = {
      execute: (args: object, options: object) =>
        tool?.execute(args as never, { ...options, toolCallId: `t${uses++}` } as never),
    };
    return useTool({ forModel } as never, { city: 'Oslo' }, call, history);
  };
  expect(await use('weather')).toMatchObject({
    speech: 'It is 21.5 degrees in Oslo.',
    charged_micros: 100_000,
  });
  expect(await use('dear_weather')).toMatchObject({
    price_micros: 500_000,
    speech: expect.stringContaining('Shall I go ahead?'),
  });
  // Asked again in the same breath, it is asked about again: only the caller can agree.
  expect(await use('dear_weather')).toMatchObject({ speech: expect.stringContaining('Shall I go ahead?') });
  history.addMessage({ role: 'user', content: 'Yes, please.' });
  expect(await use('dear_weather')).toMatchObject({
    charged_micros: 500_000,
    result: expect.stringContaining('21.5'),
  });
  // Cheap ones add up to what is asked about.
  expect(await use('weather')).toMatchObject({ charged_micros: 100_000 });
  expect(await use('weather')).toMatchObject({ charged_micros: 100_000 });
  expect(await use('weather')).toMatchObject({ speech: expect.stringContaining('Shall I go ahead?') });
  history.addMessage({ role: 'user', content: 'Yes.' });
  await expect(use('weather')).rejects.toThrow(call.sentences.faults.not_enough_money);
  expect(await wallets.has(wallet)).toEqual({ net: 50_000, held: 0 });
  const { receipt } = await bank.settle(callId, 1, 5_000);
  expect(receipt).toMatchObject({
    paid_tools: [
      { name: 'dear_weather', calls: 1, charged_micros: 500_000 },
      { name: 'weather', calls: 3, charged_micros: 300_000 },
    ],
  });
  expect(await violations(db.sql)).toEqual([]);
});

test('what a product says of a result is whole, or the model says it', () => {
  expect(speechOf('{a.b} and {c}', { a: { b: 1 }, c: 'x' })).toBe('1 and x');
  expect(speechOf('{a.b}', { a: null })).toBeUndefined();
});
