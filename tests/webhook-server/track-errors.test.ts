import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../../webhook-server/base/dependencies.ts';
import { errorsOf } from '../../webhook-server/base/track-errors.ts';

/** A server that takes envelopes as Sentry's does (https://develop.sentry.dev/sdk/data-model/envelopes/). */
const received: { path: string; text: string }[] = [];
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  received.push({ path: request.url ?? '', text: Buffer.concat(chunks).toString() });
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
});
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close());

const depsWith = (SENTRY_DSN?: string) =>
  ({
    config: { SENTRY_DSN, ENVIRONMENT: 'test', RELEASE: 'v7' },
    logger: { error() {} },
  }) as unknown as Dependencies;

test('an error is reported by its name, place and stack, and nothing of anybody goes with it', async () => {
  const errors = errorsOf(depsWith(`http://public@127.0.0.1:${(server.address() as AddressInfo).port}/42`));
  const secret = 'a caller said: my card is 4242 4242 4242 4242';
  const cause = Object.assign(
    new TypeError(
      'no answer for ann@example.com by mb_live_SecretSecretSecret_abc123 at https://node.example/v2/SecretPath?key=SecretQuery',
    ),
    { body: secret, headers: { authorization: 'Bearer SecretToken' } },
  );
  errors.capture(new Fault('internal', undefined, { cause }), {
    area: 'verification',
    where: 'POST /v1/payments/verify',
    code: 'internal',
    requestId: 'request-1',
  });
  await errors.flush();
  expect(received.map(({ path }) => path.split('?')[0])).toEqual(['/api/42/envelope/']);
  const [, , event = ''] = received[0]?.text.split('\n') ?? [];
  const { exception, tags, ...rest } = JSON.parse(event);
  expect(tags).toEqual({
    area: 'verification',
    where: 'POST /v1/payments/verify',
    code: 'internal',
    request_id: 'request-1',
  });
  expect(exception.values).toMatchObject([
    { type: 'TypeError', value: expect.stringContaining('no answer for [address] by [key]') },
  ]);
  const functions = exception.values[0].stacktrace.frames.map(
    ({ filename }: { filename: string }) => filename,
  );
  expect(functions.some((file: string) => file.includes('track-errors.test'))).toBe(true);
  expect(rest).toMatchObject({ environment: 'test', release: 'v7', level: 'error' });
  for (const hidden of [
    'Secret',
    'example.com',
    '4242',
    'server_name',
    'vars',
    'context_line',
    'contexts',
    'breadcrumbs',
    'user',
  ])
    expect([hidden, event.includes(hidden)]).toEqual([hidden, false]);
});

test('an outage is not reported a thousand times; without an address nothing is sent', async () => {
  received.length = 0;
  const errors = errorsOf(depsWith(`http://public@127.0.0.1:${(server.address() as AddressInfo).port}/42`));
  for (let n = 0; n < 200; n++) errors.capture(new Error(`no ${n}`), { area: 'other', where: 'here' });
  await errors.flush();
  expect(received.length).toBeLessThanOrEqual(30);
  expect(received.length).toBeGreaterThan(0);
  received.length = 0;
  const off = errorsOf(depsWith());
  off.capture(new Error('nobody hears'), { area: 'other', where: 'here' });
  await off.flush();
  expect(received).toEqual([]);
});
