import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Mailbox, startMailbox } from '../../local/mailbox/server.ts';
import type { StoredMessage } from '../../local/mailbox/store.ts';
import { sendNotice } from '../../webhook-server/notices/send-notice.ts';
import { findLostJobs, makeAllDue, workJobs } from '../support/queue.ts';
import { startSidecar, type TestSidecar, until } from '../support/sidecar.ts';

const MAIL_FROM = 'mindbot@localhost';
let mailbox: Mailbox;
let sidecar: TestSidecar;
beforeAll(async () => {
  mailbox = await startMailbox({ file: ':memory:' });
  sidecar = await startSidecar({ config: { SMTP_URL: mailbox.smtpUrl, MAIL_FROM } });
});
afterAll(async () => {
  await sidecar.close();
  await mailbox.close();
});

test('kill -9 of the sidecar while it sends: another sends it, under the same Message-ID', async () => {
  const taken: (string | undefined)[] = [];
  // Takes messages and never says so: what was sent is known, and whether it counts is not.
  const silent = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    closeTimeout: 100,
    onData(stream) {
      void simpleParser(stream).then(({ messageId }) => taken.push(messageId));
    },
  });
  silent.on('error', () => undefined);
  const listening = silent.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const child = spawn(process.execPath, ['webhook-server/main.ts'], {
    env: {
      PATH: process.env.PATH ?? '',
      ...sidecar.variables,
      SMTP_URL: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`,
      MAIL_FROM,
      SIDECAR_PORT: '0',
    },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  try {
    await sidecar.buy(await sidecar.database.signUp());
    await until(async () => taken.length > 0);
  } finally {
    child.kill('SIGKILL');
    await ended;
    silent.close();
  }
  const { sql } = sidecar.database;
  const notices = () =>
    sql`select retry_count + 1 as attempt, state::text from pgboss.job where name = 'notice'`;
  expect([...(await notices())]).toEqual([{ attempt: 1, state: 'active' }]);
  await findLostJobs(sidecar);
  expect([...(await notices())]).toEqual([{ attempt: 1, state: 'retry' }]);
  await makeAllDue(sidecar);
  await workJobs(sidecar, 'notice', sendNotice);
  expect([...(await notices())]).toEqual([{ attempt: 2, state: 'completed' }]);
  const { messages } = (await (await fetch(`${mailbox.url}/messages`)).json()) as {
    messages: StoredMessage[];
  };
  expect(messages.map(({ message_id }) => `<${message_id}>`)).toEqual([taken[0]]);
});
