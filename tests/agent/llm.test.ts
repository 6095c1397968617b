import { initializeLogger, llm, type metrics } from '@livekit/agents';
import { expect } from 'vitest';
import { Llm } from '../../agent/speech/llm/llm.ts';
import { OpenAIProvider } from '../../agent/speech/providers/openai-provider.ts';
import { ProviderChain } from '../../agent/speech/providers/provider-chain.ts';
import { hang, reset, type ScriptedProvider, status, toolCall, words } from './scripted-provider.ts';
import { testWithProviders, type Watch } from './test-with-providers.ts';

initializeLogger({ pretty: false, level: 'silent' });

/** More than a busy machine takes for an answer that comes; what hangs is waited for as long. */
const DEADLINE_MS = 1000;
const WORDS = { sorryForTheWait: 'Sorry.', letMeStartAgain: 'Again.' };
const ANSWER = ['You have ', 'five minutes.'];

const it = testWithProviders<metrics.LLMMetrics>(words(ANSWER));

function modelOf(
  watch: Watch<metrics.LLMMetrics>,
  ...servers: [ScriptedProvider, ...ScriptedProvider[]]
): Llm {
  const [one, ...others] = servers;
  const provider = ({ baseUrl }: ScriptedProvider, model: string) =>
    new OpenAIProvider({ baseUrl, apiKey: `key of ${model}`, model, deadlineMs: DEADLINE_MS });
  const chain = new ProviderChain(
    [provider(one, 'main'), ...others.map((server) => provider(server, 'other'))],
    watch.clock,
  );
  const model = new Llm(chain, WORDS);
  model.on('error', ({ recoverable }) => watch.errors.push(recoverable));
  model.on('metrics_collected', (metrics) => watch.counted.push(metrics));
  return model;
}

const ask = async (model: Llm) => {
  const chatCtx = new llm.ChatContext();
  chatCtx.addMessage({ role: 'user', content: 'How much time do I have?' });
  const { text, toolCalls } = await model.chat({ chatCtx }).collect();
  return [text, ...toolCalls.map(({ name }) => name)];
};
const asked = (...servers: ScriptedProvider[]) => servers.map(({ requests }) => requests.length);

it('answers without a word of excuse when nothing fails', async ({ first, second, watch }) => {
  expect(await ask(modelOf(watch, first, second))).toEqual(['You have five minutes.']);
  expect([asked(first, second), watch.errors]).toEqual([[1, 0], []]);
});

it('asks again when a request fails, and says sorry in front of the answer', async ({
  first,
  second,
  watch,
}) => {
  first.will(status(500));
  expect(await ask(modelOf(watch, first))).toEqual(['Sorry. You have five minutes.']);
  expect([asked(first, second), watch.errors]).toEqual([[2, 0], [true]]);
});

it('is another model when the first one fails, which is left alone for a while', async ({
  first,
  second,
  watch,
}) => {
  first.always(status(500));
  const model = modelOf(watch, first, second);
  expect(await ask(model)).toEqual(['Sorry. You have five minutes.']);
  expect(second.requests[0]).toMatchObject({ model: 'other', key: 'Bearer key of other' });
  expect(watch.counted.map(({ metadata }) => metadata)).toEqual([
    { modelProvider: second.host, modelName: 'other' },
  ]);
  watch.passedMs = 29_000;
  expect(await ask(model)).toEqual(['You have five minutes.']);
  expect(asked(first, second)).toEqual([2, 2]);
  first.always(words(['Back again.']));
  watch.passedMs = 31_000;
  expect(await ask(model)).toEqual(['Back again.']);
});

it('waits as long as a busy provider asks for, if that is short, and else goes to another one', async ({
  first,
  second,
  watch,
}) => {
  first.will(status(429, { 'retry-after-ms': '400' }));
  const model = modelOf(watch, first, second);
  await ask(model);
  const [one, two] = first.requests;
  expect((two?.atMs ?? 0) - (one?.atMs ?? 0)).toBeGreaterThan(390);
  first.will(status(429, { 'retry-after': '5' }));
  await ask(model);
  expect(asked(first, second)).toEqual([3, 1]);
});

it('cuts off who hangs before the first word', async ({ first, second, watch }) => {
  first.will(hang);
  expect(await ask(modelOf(watch, first, second))).toEqual(['Sorry. You have five minutes.']);
  expect(asked(first, second)).toEqual([1, 1]);
});

for (const [name, ending] of [
  ['hangs', hang],
  ['is reset', reset],
] as const) {
  it(`begins anew, and says so, when the connection ${name} in the middle`, async ({
    first,
    second,
    watch,
  }) => {
    first.always(words(['You have '], ending));
    expect((await ask(modelOf(watch, first, second)))[0]).toMatch(
      /^(You have {2}Again\. )+You have five minutes\.$/,
    );
    expect(second.requests).toHaveLength(1);
  });
}

it('never calls a tool twice: what fails behind the call is over', async ({ first, second, watch }) => {
  first.will(toolCall('start_purchase_process', reset));
  expect(await ask(modelOf(watch, first, second))).toEqual(['', 'start_purchase_process']);
  expect([asked(first, second), watch.errors]).toEqual([[1, 0], []]);
});

it('says sorry before it calls a tool, too', async ({ first, second, watch }) => {
  first.will(hang);
  second.will(toolCall('check_time_balance'));
  expect(await ask(modelOf(watch, first, second))).toEqual(['Sorry.', 'check_time_balance']);
});

it('tells once when nobody answers, and throws nothing', async ({ first, second, watch }) => {
  first.always(status(500));
  second.always(reset);
  expect(await ask(modelOf(watch, first, second))).toEqual(['']);
  expect(watch.errors).toEqual([true, true, true, false]);
  expect(asked(first, second)).toEqual([2, 2]);
});

it('ends its request when it is interrupted', async ({ first, watch }) => {
  let isGone = false;
  first.will((response) => {
    response.on('close', () => {
      isGone = true;
    });
  });
  const stream = modelOf(watch, first).chat({ chatCtx: new llm.ChatContext() });
  await expect.poll(() => first.requests.length).toBe(1);
  stream.close();
  await expect.poll(() => isGone).toBe(true);
  expect(watch.errors).toEqual([]);
});
