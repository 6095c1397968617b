import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answerError, answerUnknownRoute } from '../../local/language-model/openai-protocol.ts';
import { createLanguageModelRoutes } from '../../local/language-model/routes.ts';

const user = (content: string) => ({ role: 'user', content });
const TOOLS = [
  { type: 'function', function: { name: 'start_purchase_process', parameters: { type: 'object' } } },
];
const HELLO = { model: 'gpt-x', messages: [user('Hello.')] };
const BUY = { model: 'gpt-x', messages: [user('I want to buy the basic package.')], tools: TOOLS };

const usage = z.object({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() });
const toolCall = z.object({
  index: z.literal(0).optional(),
  id: z.string().optional(),
  type: z.literal('function').optional(),
  function: z.object({ name: z.string().optional(), arguments: z.string() }),
});
const message = z.object({
  role: z.literal('assistant').optional(),
  content: z.string().nullish(),
  tool_calls: z.array(toolCall).optional(),
});
const completion = z.object({
  object: z.literal('chat.completion'),
  model: z.string(),
  choices: z.array(z.object({ finish_reason: z.string(), message })),
  usage,
});
const chunk = z.object({
  object: z.literal('chat.completion.chunk'),
  choices: z.array(z.object({ finish_reason: z.string().nullable(), delta: message })),
  usage: usage.nullish(),
});

describe('the language model over HTTP', () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    const app = express();
    app.use(express.json());
    app.use(createLanguageModelRoutes({ apiKey: 'oa' }), answerUnknownRoute, answerError);
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const send = (path: string, init: RequestInit = {}, key = 'oa') =>
    fetch(`${url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    });
  const post = (body: object | string) =>
    send('/chat/completions', {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const complete = async (body: object) => completion.parse(await (await post(body)).json());
  async function stream(body: object) {
    const response = await post({ ...body, stream: true });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events = (await response.text()).trimEnd().split('\n\n');
    expect(events.pop()).toBe('data: [DONE]');
    return events.map((event) => chunk.parse(JSON.parse(event.replace(/^data: /, ''))));
  }

  it('lists its model', async () => {
    expect(await (await send('/models')).json()).toMatchObject({
      object: 'list',
      data: expect.arrayContaining([expect.objectContaining({ id: 'intent-matcher' })]),
    });
  });

  it('tells of one model by its name, and of no other', async () => {
    for (const id of ['gpt-4.1-mini', 'text-embedding-3-small', 'flite'])
      expect(await (await send(`/models/${id}`)).json()).toMatchObject({ id, object: 'model' });
    const none = await send('/models/llama');
    expect(none.status).toBe(404);
    expect(await none.json()).toMatchObject({ error: { code: 'model_not_found' } });
    expect((await send('/models/gpt-4.1-mini', {}, 'wrong')).status).toBe(401);
  });

  it('answers at once', async () => {
    const { model, choices, usage } = await complete(HELLO);
    expect(model).toBe('gpt-x');
    expect(choices).toMatchObject([{ finish_reason: 'stop', message: { role: 'assistant' } }]);
    expect(choices[0]?.message.content).toMatch(/^Hello!/);
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
  });

  it('streams words, then the reason, then the usage if asked for', async () => {
    const chunks = await stream({ ...HELLO, stream_options: { include_usage: true } });
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toMatch(/^Hello! .*\?$/);
    expect(chunks.length).toBeGreaterThan(4);
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: expect.any(Number) } });
    expect((await stream(HELLO)).filter((chunk) => chunk.usage)).toEqual([]);
  });

  it('answers with a tool call', async () => {
    const { choices } = await complete(BUY);
    expect(choices).toMatchObject([{ finish_reason: 'tool_calls', message: { content: null } }]);
    const calls = choices[0]?.message.tool_calls;
    expect(calls).toMatchObject([{ type: 'function', function: { name: 'start_purchase_process' } }]);
    expect(calls?.[0]?.function.arguments).toBe('{"package_id":"basic"}');
  });

  it('streams a tool call: first its name, then its arguments in pieces', async () => {
    const chunks = await stream(BUY);
    const [opening, ...rest] = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    expect(opening).toEqual({
      index: 0,
      id: expect.stringMatching(/^call_/),
      type: 'function',
      function: { name: 'start_purchase_process', arguments: '' },
    });
    expect(rest.length).toBeGreaterThan(1);
    for (const part of rest) expect(part).toEqual({ index: 0, function: { arguments: expect.any(String) } });
    expect(rest.map((part) => part.function.arguments).join('')).toBe('{"package_id":"basic"}');
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
  });

  it('gives the same answer and id to the same request, and another id to the next turn', async () => {
    const callOf = async (body: object) => (await complete(body)).choices[0]?.message.tool_calls?.[0];
    const later = { ...BUY, messages: [...BUY.messages, ...BUY.messages] };
    expect(await callOf(BUY)).toEqual(await callOf(BUY));
    expect((await callOf(later))?.id).not.toBe((await callOf(BUY))?.id);
  });

  it.each([
    ['no messages', { model: 'gpt-m', messages: [] }, 'messages'],
    ['no model', { messages: HELLO.messages }, 'model'],
    ['an unknown role', { model: 'gpt-m', messages: [{ role: 'robot', content: 'x' }] }, 'messages.0.role'],
    ['an answer in sound', { ...HELLO, modalities: ['text', 'audio'] }, 'modalities.1'],
    ['broken JSON', '{', null],
    ['no body', '', 'model'],
  ])('refuses %s', async (_name, body, param) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    const error = { type: 'invalid_request_error', param, message: expect.any(String) };
    expect(await response.json()).toMatchObject({ error });
  });

  it('refuses a wrong key and an unknown path', async () => {
    const stranger = await send('/models', {}, 'wrong');
    expect(stranger.status).toBe(401);
    expect(await stranger.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
    const unknown = await send('/nothing');
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ error: { code: 'unknown_url' } });
  });
});
