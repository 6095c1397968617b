import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkServices } from '../../commands/doctor/check-services.ts';
import { type SpeechServer, startSpeechServer } from '../../local/speech/server.ts';

let server: SpeechServer;
let client: OpenAI;
beforeAll(async () => {
  server = await startSpeechServer({ deepgramApiKey: 'dg', openaiApiKey: 'oa' });
  client = new OpenAI({ apiKey: 'oa', baseURL: `${server.url}/v1`, maxRetries: 0 });
});
afterAll(() => server.close());

const messages = [{ role: 'user' as const, content: 'How much time do I have left?' }];
const tool = (name: string, parameters: Record<string, unknown> = { type: 'object', properties: {} }) => ({
  type: 'function' as const,
  function: { name, description: 'A tool.', parameters },
});
const ask = (more: object) =>
  client.chat.completions.create({
    model: 'gpt-4.1-mini',
    messages,
    ...more,
  }) as Promise<OpenAI.ChatCompletion>;

test('embeddings, as the library asks for them unless told otherwise', async () => {
  const input = ['I have a dog called Rex.', 'My dog is called Rex.', 'Taxes are due in May.'];
  const [own, plain] = await Promise.all([
    client.embeddings.create({ model: 'text-embedding-3-small', input }),
    client.embeddings.create({ model: 'text-embedding-3-small', input, encoding_format: 'float' }),
  ]);
  const [a = [], b = [], c = []] = own.data.map(({ embedding }) => embedding);
  const likeness = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  expect(likeness(a, a)).toBeCloseTo(1, 5);
  expect(likeness(a, b)).toBeGreaterThan(likeness(a, c));
  expect(a.map((value) => value.toFixed(5))).toEqual(
    plain.data[0]?.embedding.map((value) => value.toFixed(5)),
  );
  const short = await client.embeddings.create({
    model: 'text-embedding-3-small',
    input: 'x',
    dimensions: 8,
  });
  expect(short.data[0]?.embedding).toHaveLength(8);
});

test('a model that is not here is refused, and those that are listed are here', async () => {
  const unknown = { status: 404, code: 'model_not_found' };
  await expect(ask({ model: 'qwen3' })).rejects.toMatchObject(unknown);
  await expect(client.embeddings.create({ model: 'gpt-4.1-mini', input: 'x' })).rejects.toMatchObject(
    unknown,
  );
  const speech = {
    model: 'whisper-1',
    voice: 'alloy' as const,
    input: 'Hello.',
    response_format: 'wav' as const,
  };
  await expect(client.audio.speech.create(speech)).rejects.toMatchObject(unknown);
  expect((await client.models.list()).data.map(({ id }) => id)).toContain('gpt-4.1-mini');
});

test.each([
  [{ n: 2 }, 'gives one answer'],
  [{ logprobs: true }, 'knows no probabilities'],
  [{ functions: [{ name: 'f' }] }, 'takes tools, not functions'],
  [{ max_completion_tokens: 0 }, 'max_completion_tokens'],
])('%j is refused, and not left out', async (more, words) => {
  await expect(ask(more)).rejects.toMatchObject({ status: 400, message: expect.stringContaining(words) });
});

test('an answer is as long as it may be, and ends where it is told to', async () => {
  const long = (await ask({})).choices[0];
  expect(long?.finish_reason).toBe('stop');
  for (const name of ['max_completion_tokens', 'max_tokens']) {
    const short = (await ask({ [name]: 2 })).choices[0];
    expect(short?.finish_reason).toBe('length');
    expect(short?.message.content).toBe(long?.message.content?.slice(0, 8));
  }
  const stopped = (await ask({ stop: ['that', 'zebra'] })).choices[0];
  expect([stopped?.finish_reason, stopped?.message.content]).toEqual(['stop', 'I cannot do ']);
  const parts: string[] = [];
  const stream = await client.chat.completions.create({
    model: 'gpt-4.1-mini',
    messages,
    stream: true,
    max_completion_tokens: 2,
  });
  for await (const { choices } of stream)
    parts.push(choices[0]?.delta.content ?? '', choices[0]?.finish_reason ?? '');
  expect(parts.join('')).toBe(`${long?.message.content?.slice(0, 8)}length`);
});

test('a tool that has to be called is called, or the request is refused', async () => {
  const tools = [tool('look_outside'), tool('ring_the_bell')];
  const called = async (more: object) =>
    (await ask({ tools, ...more })).choices[0]?.message.tool_calls?.map(
      (call) => Reflect.get(call, 'function').name,
    );
  expect(await called({})).toBeUndefined();
  expect(await called({ tool_choice: 'required' })).toEqual(['look_outside']);
  const named = { type: 'function', function: { name: 'ring_the_bell' } };
  expect(await called({ tool_choice: named })).toEqual(['ring_the_bell']);
  const needs = tool('sell', {
    type: 'object',
    properties: { size: { type: 'integer' } },
    required: ['size'],
  });
  const refused = ask({ tools: [needs], tool_choice: 'required' });
  await expect(refused).rejects.toMatchObject({ status: 400, param: 'tool_choice' });
});

test('speech in events has the same sound, and what nobody can write is refused in words', async () => {
  const body = { model: 'gpt-4o-mini-tts', voice: 'alloy' as const, input: 'One sentence. Another.' };
  const plain = await client.audio.speech.create({ ...body, response_format: 'pcm' });
  const events = await client.audio.speech.create({ ...body, response_format: 'pcm', stream_format: 'sse' });
  const told = (await events.text())
    .trim()
    .split('\n\n')
    .map((line) => JSON.parse(line.replace('data: ', '')));
  const sound = told.flatMap(({ type, audio }) =>
    type === 'speech.audio.delta' ? [Buffer.from(audio, 'base64')] : [],
  );
  expect(Buffer.concat(sound).equals(Buffer.from(await plain.arrayBuffer()))).toBe(true);
  expect(told.at(-1)).toMatchObject({ type: 'speech.audio.done', usage: { input_tokens: 6 } });
  const mp3 = client.audio.speech.create({ ...body, response_format: 'mp3' });
  await expect(mp3).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining('must be pcm or wav'),
  });
});

test('doctor takes the stand-in for the fallback of Deepgram, and sees a wrong key', async () => {
  const asked = (key: string) =>
    checkServices({
      DEEPGRAM_FALLBACK_BASE_URL: server.url.replace('http', 'ws'),
      DEEPGRAM_FALLBACK_API_KEY: key,
    });
  expect(await asked('dg')).toMatchObject([{ mark: 'ok' }]);
  expect(await asked('oa')).toMatchObject([
    { mark: 'bad', what: 'The fallback of Deepgram refuses the key' },
  ]);
});
