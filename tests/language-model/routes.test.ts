import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerError, answerUnknownRoute } from '../../local/language-model/openai-protocol.ts';
import { createLanguageModelRoutes } from '../../local/language-model/routes.ts';

const TOOLS: OpenAI.ChatCompletionTool[] = [
  { type: 'function', function: { name: 'start_purchase_process', parameters: { type: 'object' } } },
];
const HELLO: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Hello.' }];
const BUY: OpenAI.ChatCompletionMessageParam[] = [
  { role: 'user', content: 'I want to buy the basic package.' },
];

describe('the language model over HTTP', () => {
  let server: Server;
  let url: string;
  let client: OpenAI;
  beforeAll(async () => {
    const app = express();
    app.use(express.json());
    app.use(createLanguageModelRoutes({ apiKey: 'oa' }), answerUnknownRoute, answerError);
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    client = new OpenAI({ apiKey: 'oa', baseURL: url, maxRetries: 0 });
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('lists its model', async () => {
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['intent-matcher']);
  });

  it('answers at once', async () => {
    const completion = await client.chat.completions.create({ model: 'gpt-x', messages: HELLO });
    expect(completion.model).toBe('gpt-x');
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant' } });
    expect(completion.choices[0]?.message.content).toMatch(/^Hello!/);
    const { usage } = completion;
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
  });

  it('streams words, then the reason, then the usage if asked for', async () => {
    const request = { model: 'gpt-x', messages: HELLO, stream: true } as const;
    const chunks = [];
    for await (const chunk of await client.chat.completions.create({
      ...request,
      stream_options: { include_usage: true },
    }))
      chunks.push(chunk);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toMatch(/^Hello! .*\?$/);
    expect(chunks.length).toBeGreaterThan(4);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: expect.any(Number) } });
    let withUsage = 0;
    for await (const chunk of await client.chat.completions.create(request)) if (chunk.usage) withUsage++;
    expect(withUsage).toBe(0);
  });

  it('streams a tool call: first its name, then its arguments in pieces', async () => {
    const deltas = [];
    let finish: string | null | undefined;
    const request = { model: 'gpt-x', messages: BUY, tools: TOOLS, stream: true } as const;
    for await (const chunk of await client.chat.completions.create(request)) {
      deltas.push(...(chunk.choices[0]?.delta.tool_calls ?? []));
      finish = chunk.choices[0]?.finish_reason;
    }
    expect(deltas[0]).toMatchObject({ index: 0, id: expect.stringMatching(/^call_/), type: 'function' });
    expect(deltas[0]?.function).toEqual({ name: 'start_purchase_process', arguments: '' });
    expect(deltas.length).toBeGreaterThan(2);
    expect(
      deltas.slice(1).every(({ id, function: call }) => id === undefined && call?.name === undefined),
    ).toBe(true);
    expect(JSON.parse(deltas.map((delta) => delta.function?.arguments).join(''))).toEqual({
      package_id: 'basic',
    });
    expect(finish).toBe('tool_calls');
  });

  it('gives the same answer and id to the same request, and another id to the next turn', async () => {
    const request = { model: 'gpt-x', messages: BUY, tools: TOOLS };
    const call = async (messages: OpenAI.ChatCompletionMessageParam[]) =>
      (await client.chat.completions.create({ ...request, messages })).choices[0]?.message.tool_calls?.[0];
    expect(await call(BUY)).toEqual(await call(BUY));
    expect((await call([...BUY, ...BUY]))?.id).not.toBe((await call(BUY))?.id);
  });

  it.each([
    ['no messages', { model: 'm', messages: [] }, 'messages'],
    ['no model', { messages: HELLO }, 'model'],
    ['an unknown role', { model: 'm', messages: [{ role: 'robot', content: 'x' }] }, 'messages.0.role'],
    ['broken JSON', '{', null],
    ['no body', '', null],
  ])('refuses %s', async (_name, body, param) => {
    const response = await fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer oa', 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { type: 'invalid_request_error', param, message: expect.any(String) },
    });
  });

  it('refuses a wrong key and an unknown path', async () => {
    const stranger = new OpenAI({ apiKey: 'wrong', baseURL: url, maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
    await expect(client.get('/nothing')).rejects.toMatchObject({ status: 404, code: 'unknown_url' });
  });
});
