import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Mailbox, startMailbox } from '../../local/mailbox/server.ts';
import type { StoredMessage } from '../../local/mailbox/store.ts';
import { listEffects } from '../../webhook-server/queue/jobs.ts';
import { type RunningQueue, startQueue } from '../../webhook-server/queue/start-queue.ts';
import { startSidecar, type TestSidecar, until } from '../support/sidecar.ts';

let mailbox: Mailbox;
let sidecar: TestSidecar;
let queue: RunningQueue;
beforeAll(async () => {
  mailbox = await startMailbox({ file: ':memory:' });
  const config = {
    SMTP_URL: mailbox.smtpUrl,
    MAIL_FROM: 'mindbot@localhost',
    PUBLIC_URL: 'https://mindbot.example',
  };
  sidecar = await startSidecar({ config });
  const { deps } = sidecar;
  const databaseUrl = deps.config.DATABASE_URL;
  queue = await startQueue(deps, { databaseUrl, effects: listEffects(deps), periodic: [] });
});
afterAll(async () => {
  await queue.stop();
  await sidecar.close();
  await mailbox.close();
});

async function mailTo(address: string): Promise<StoredMessage[]> {
  const response = await fetch(`${mailbox.url}/messages`);
  const { messages } = (await response.json()) as { messages: StoredMessage[] };
  return messages.filter(({ to }) => to === address);
}

test('a gift is bought, its code comes by e-mail, and whoever gets it talks with it', async () => {
  const [buyer, friend] = [await sidecar.database.signUp(), await sidecar.database.signUp()];
  const { payment_intent_id } = await sidecar.begin(buyer, 'starter', 'gift');
  await sidecar.pay(payment_intent_id);
  await until(async () => (await mailTo(buyer.email)).length === 2);
  const gift = (await mailTo(buyer.email)).find(({ subject }) => subject.startsWith('Your gift'));
  const code = /^ {4}(\S+)$/m.exec(gift?.text ?? '')?.[1];
  expect(code).toMatch(/^(\w{4}-){2}\w{4}$/);
  const answer = await sidecar.post('/activate', { person: friend, body: { code } });
  expect(answer.status).toBe(200);
  expect(await sidecar.balanceOf(friend)).toBe(3600);
  expect(await mailTo(friend.email)).toEqual([]);
  await sidecar.expectSound();
});
