import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Mailbox, startMailbox } from '../../local/mailbox/server.ts';

let folder: string;
let mailbox: Mailbox;
const open = () => startMailbox({ file: join(folder, 'mailbox.db') });
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailbox-'));
  mailbox = await open();
});
afterEach(async () => {
  await mailbox.close();
  rmSync(folder, { recursive: true, force: true });
});

const MESSAGE = {
  messageId: '<one@localhost>',
  from: 'MindBot <mindbot@localhost>',
  to: 'someone@example.com',
  subject: 'A <script>subject</script>',
  text: 'plain </pre><script>text</script>',
  html: '<p>markup</p><script>document.title = "run"</script>',
};

const send = (message: object) => createTransport(mailbox.smtpUrl).sendMail({ ...MESSAGE, ...message });
const page = async (path: string) => (await fetch(mailbox.url + path)).text();

test('keeps messages over a restart, and shows the newest first', async () => {
  await send({});
  await send({ messageId: '<two@localhost>', subject: 'The second' });
  await mailbox.close();
  mailbox = await open();
  const list = await page('/');
  expect(list).toContain('<title>Mailbox (2)</title>');
  expect(list.indexOf('The second')).toBeLessThan(list.indexOf('A &lt;script&gt;'));
});

test('a message that comes again is counted, not kept twice', async () => {
  for (let i = 0; i < 3; i++) await send({});
  expect(await page('/')).toContain('came 3 times');
  expect(await (await fetch(`${mailbox.url}/messages`)).json()).toMatchObject({
    messages: [{ deliveries: 3, message_id: 'one@localhost', to: 'someone@example.com' }],
  });
});

test('what a message holds is escaped, and its markup stands in a frame without rights', async () => {
  await send({});
  for (const path of ['/', '/messages/1']) expect(await page(path)).not.toContain('<script>');
  const shown = await page('/messages/1');
  expect(shown).toContain('plain &lt;/pre&gt;&lt;script&gt;');
  expect(shown).toMatch(
    /<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="\/messages\/1\/html"/,
  );
  const markup = await fetch(`${mailbox.url}/messages/1/html`);
  expect(await markup.text()).toBe(MESSAGE.html);
  const policy = markup.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain('sandbox');
  expect(policy).not.toMatch(/allow-scripts|allow-same-origin|script-src/);
});

test('refuses what is too large, with the code for it, and keeps nothing of it', async () => {
  await expect(send({ text: 'x'.repeat(3 * 1024 * 1024) })).rejects.toMatchObject({ responseCode: 552 });
  expect(await page('/')).toContain('No message yet');
});

test('shows who it was handed in for, whatever its header says', async () => {
  await send({ envelope: { from: 'mindbot@localhost', to: ['hidden@example.com'] } });
  expect(await page('/messages/1')).toContain('hidden@example.com');
});

test('other pages in the same browser can neither read nor delete', async () => {
  await send({});
  const cleared = await fetch(`${mailbox.url}/clear`, {
    method: 'POST',
    headers: { origin: 'https://evil.example' },
  });
  expect(cleared.status).toBe(403);
  const rebound = request(`${mailbox.url}/messages`, { headers: { host: 'evil.example' } }).end();
  const [response] = await once(rebound, 'response');
  expect(response.statusCode).toBe(403);
  response.resume();
  expect((await fetch(mailbox.url)).headers.get('access-control-allow-origin')).toBeNull();
});

test('its own button empties it', async () => {
  await send({});
  const cleared = await fetch(`${mailbox.url}/clear`, { method: 'POST', headers: { origin: mailbox.url } });
  expect(await cleared.text()).toContain('No message yet');
  expect((await fetch(`${mailbox.url}/messages/1`)).status).toBe(404);
});

test('the process says when it is ready and ends when asked, and does not start in production', async () => {
  const start = (ENVIRONMENT: string) =>
    spawn(process.execPath, ['local/mailbox/main.ts'], {
      env: { PATH: process.env.PATH ?? '', ENVIRONMENT, MAILBOX_FILE: join(folder, 'another.db') },
    });
  const child = start('development');
  const [line] = await once(child.stdout, 'data');
  const { ready, url, smtp_url } = JSON.parse(String(line)) as Record<string, string>;
  expect(ready).toBe(true);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(await createTransport(smtp_url).verify()).toBe(true);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);

  const refused = start('production');
  let complaint = '';
  refused.stderr.on('data', (data) => {
    complaint += String(data);
  });
  expect(await once(refused, 'close')).toEqual([1, null]);
  expect(complaint).toContain('must not run in production');
});
