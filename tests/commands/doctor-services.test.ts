import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { checkServices } from '../../commands/doctor/check-services.ts';

/** Answers every request with one status, and notes what was asked for with which key. */
async function serve(status: number) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    response.writeHead(status).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, host, url: `http://${host}`, close: () => server.close() };
}

test('every configured provider of speech is asked with its own key, and none with another’s', async () => {
  const [first, second, own] = [await serve(200), await serve(401), await serve(404)];
  const findings = await checkServices({
    OPENAI_API_KEY: 'first-key',
    OPENAI_BASE_URL: `${first.url}/v1`,
    OPENAI_FALLBACK_BASE_URL: `${second.url}/v1`,
    OPENAI_FALLBACK_API_KEY: 'second-key',
    DEEPGRAM_FALLBACK_BASE_URL: own.url.replace('http', 'ws'),
  });
  expect(findings.map(({ what }) => what)).toEqual([
    `OpenAI answers at ${first.host} and takes the key`,
    'The fallback of OpenAI refuses the key',
    `The fallback of Deepgram answers at ${own.host}`,
  ]);
  expect([first.asked, second.asked, own.asked]).toEqual([
    ['/v1/models Bearer first-key'],
    ['/v1/models Bearer second-key'],
    ['/v1/projects Token none'],
  ]);
  expect(JSON.stringify(findings)).not.toMatch(/first-key|second-key/);
  for (const server of [first, second, own]) server.close();
});
