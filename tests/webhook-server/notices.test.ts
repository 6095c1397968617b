import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { type Logger, pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Mailbox, startMailbox } from '../../local/mailbox/server.ts';
import type { StoredMessage } from '../../local/mailbox/store.ts';
import { formatActivationCode } from '../../shared/activation-codes/code.ts';
import { deriveActivationCode, hashActivationCode } from '../../shared/activation-codes/keyed-hash.ts';
import type { Dependencies } from '../../webhook-server/base/dependencies.ts';
import { createMail } from '../../webhook-server/base/mail.ts';
import { sendNotice } from '../../webhook-server/notices/send-notice.ts';
import type { Person } from '../support/database.ts';
import { findLostJobs, makeAllDue, workJobs } from '../support/queue.ts';
import { SIDECAR_KEYS, startSidecar, type TestSidecar } from '../support/sidecar.ts';

const PAGE = 'https://mindbot.example';
let mailbox: Mailbox;
let sidecar: TestSidecar;
let deps: Dependencies;
let logged = '';
beforeAll(async () => {
  mailbox = await startMailbox({ file: ':memory:' });
  const logger: Logger = pino(
    { level: 'trace' },
    new Writable({
      write(chunk, _encoding, done) {
        logged += String(chunk);
        done();
      },
    }),
  );
  const config = { SMTP_URL: mailbox.smtpUrl, MAIL_FROM: 'mindbot@localhost', PUBLIC_URL: PAGE };
  sidecar = await startSidecar({ webhooks: false, config, logger });
  deps = sidecar.deps;
});
beforeEach(async () => {
  await fetch(`${mailbox.url}/clear`, { method: 'POST', redirect: 'manual' });
  await sidecar.database.sql`delete from pgboss.job`;
  logged = '';
});
afterAll(async () => {
  await sidecar.close();
  await mailbox.close();
});

const KEY = SIDECAR_KEYS.activationCodeKey;
const codeOf = (cardId: string) => deriveActivationCode(KEY, cardId);
const work = (as = deps) => workJobs({ deps: as, database: sidecar.database }, 'notice', sendNotice);

async function messages(): Promise<StoredMessage[]> {
  const response = await fetch(`${mailbox.url}/messages`);
  return ((await response.json()) as { messages: StoredMessage[] }).messages;
}
/** Subjects, oldest first. */
const subjects = async () => (await messages()).map(({ subject }) => subject).toReversed();

type MoneyBack = { id: string; amount_cents: number; status: string; reason?: string };
async function apply(purchaseId: string, back: { refunds?: MoneyBack[]; disputes?: MoneyBack[] } = {}) {
  const { error } = await sidecar.database.service.rpc('apply_payment', {
    p_event_id: `evt_${randomUUID()}`,
    p_event_type: 'payment_intent.succeeded',
    p_purchase_id: purchaseId,
    p_payment_intent_id: `pi_${purchaseId}`,
    p_status: 'succeeded',
    p_received_cents: 4499,
    p_tax_cents: 0,
    p_currency: 'usd',
    p_failure_code: null as unknown as string,
    p_refunds: back.refunds ?? [],
    p_disputes: back.disputes ?? [],
    p_code_hash: hashActivationCode(KEY, codeOf(purchaseId)),
  });
  expect(error).toBeNull();
}

async function buy(person: Person, purpose = 'me', words: Record<string, string> = {}): Promise<string> {
  const args = {
    p_user_id: person.id,
    p_package_id: 'basic',
    p_purpose: purpose,
    p_key: randomUUID(),
    ...words,
  };
  const { data } = await sidecar.database.service.rpc('begin_purchase', args);
  const { id } = (data as { purchase: { id: string } }).purchase;
  await apply(id);
  return id;
}

test('a purchase is followed by its receipt, in HTML and in plain text, with the same figures', async () => {
  const person = await sidecar.database.signUp();
  const id = await buy(person);
  await work();
  const all = await messages();
  expect(all).toMatchObject([{ to: person.email, subject: 'Your receipt: Basic' }]);
  for (const text of [all[0]?.text, all[0]?.html]) {
    for (const figure of ['$44.99', '5 h 30 min', '30 min bonus', id, PAGE]) expect(text).toContain(figure);
  }
  expect(all[0]?.text).not.toMatch(/<[a-z]/i);
});

test('the buyer of a gift gets its code, which is neither in the queue nor in a log', async () => {
  const person = await sidecar.database.signUp();
  const id = await buy(person, 'gift', {
    p_message: 'Happy <b>birthday</b> & more',
    p_recipient_name: 'Ada',
  });
  const code = formatActivationCode(codeOf(id));
  const stored = JSON.stringify(await sidecar.database.sql`select * from pgboss.job`);
  await work();
  expect(await subjects()).toHaveLength(2);
  const gift = (await messages()).find(({ subject }) => subject.startsWith('Your gift'));
  expect(gift?.text).toContain(`    ${code}\n`);
  expect(gift?.html).toContain(code);
  expect(gift?.text).toContain(`${PAGE}/#/activate/${code}`);
  expect(gift?.text).toContain('Happy <b>birthday</b> & more');
  expect(gift?.html).toContain('Happy &lt;b&gt;birthday&lt;/b&gt; &amp; more');
  expect(gift?.html).not.toContain('<b>');
  expect(gift?.subject).not.toContain(code);
  const after = JSON.stringify(await sidecar.database.sql`select * from pgboss.job`);
  for (const secret of [code, code.replaceAll('-', ''), person.email]) {
    for (const place of [stored, after, logged, JSON.stringify(await deps.metrics.registry.metrics())]) {
      expect(place).not.toContain(secret);
    }
  }
});

test('a notice that is sent again after a crash is the same message', async () => {
  await buy(await sidecar.database.signUp());
  await work();
  // Sent, and not marked: the process had died there.
  await sidecar.database.sql`update pgboss.job set state = 'active' where name = 'notice'`;
  await findLostJobs(sidecar);
  await makeAllDue(sidecar);
  await work();
  const all = await messages();
  expect(all).toMatchObject([{ deliveries: 2 }]);
  expect(all[0]?.message_id).toMatch(/^[0-9a-f]{40}@localhost$/);
});

test('events that come again make no second notice', async () => {
  const id = await buy(await sidecar.database.signUp());
  const refund = { id: `re_${id}`, amount_cents: 1000, status: 'pending' };
  await apply(id, { refunds: [refund] });
  await apply(id, { refunds: [refund] });
  await apply(id, { refunds: [{ ...refund, status: 'succeeded' }] });
  await work();
  expect((await subjects()).toSorted()).toEqual(['Your receipt: Basic', 'Your refund of $10.00']);
  const email = (await messages()).find(({ subject }) => subject.startsWith('Your refund'));
  expect(email?.text).toContain('Refunded in all: $10.00 of $44.99');
  expect(email?.text).toContain('Time taken back: 1 h 13 min 20 s');
});

test('a refund that failed is told of, also when it failed before the first notice went out', async () => {
  const id = await buy(await sidecar.database.signUp());
  await work();
  await apply(id, { refunds: [{ id: `re_${id}`, amount_cents: 4499, status: 'pending' }] });
  await apply(id, { refunds: [{ id: `re_${id}`, amount_cents: 4499, status: 'failed' }] });
  await work();
  expect(await subjects()).toEqual(['Your receipt: Basic', 'Your refund of $44.99 did not arrive']);
});

test.each([
  ['won', 'can be used again'],
  ['lost', 'was taken back'],
])('a dispute is told of when it begins and when it is %s', async (end, words) => {
  const id = await buy(await sidecar.database.signUp());
  const dispute = { id: `dp_${id}`, amount_cents: 4499, status: 'open', reason: 'fraudulent' };
  await apply(id, { disputes: [dispute] });
  await work();
  await apply(id, { disputes: [{ ...dispute, status: end }] });
  await work();
  const told = await subjects();
  expect(told.slice(0, 2).toSorted()).toEqual(['Your payment is disputed', 'Your receipt: Basic']);
  expect(told.slice(2)).toEqual(['The dispute about your payment is over']);
  expect((await messages())[0]?.text).toContain(words);
});

test('no code is sent of a gift that was refunded meanwhile', async () => {
  const id = await buy(await sidecar.database.signUp(), 'gift');
  await apply(id, { refunds: [{ id: `re_${id}`, amount_cents: 4499, status: 'succeeded' }] });
  await work();
  expect((await subjects()).toSorted()).toEqual(['Your receipt: Basic', 'Your refund of $44.99']);
});

test('no mail server: payments go on, the health tells, and the notice follows later', async () => {
  const person = await sidecar.database.signUp();
  await buy(person);
  const mail = createMail({ ...deps.config, SMTP_URL: 'smtp://127.0.0.1:9' });
  await work({ ...deps, mail });
  expect(mail.state()).toBe('MailError: the mail server did not take a message (ESOCKET at CONN)');
  expect(logged).toContain('a job failed; it is tried again');
  expect(await sidecar.balanceOf(person)).toBe(19_800);
  await makeAllDue(sidecar);
  await work();
  expect(await subjects()).toEqual(['Your receipt: Basic']);
  const health = await sidecar.get('/health');
  expect(health.body).toMatchObject({ status: 'ok', checks: { mail: 'ok' } });
});

test('who has no address is left in peace, and so is everybody a week later', async () => {
  const person = await sidecar.database.signUp();
  await buy(person);
  const { sql } = sidecar.database;
  await sql`update users set email = null where id = ${person.id}`;
  await work();
  await buy(await sidecar.database.signUp());
  await sql`update pgboss.job set created_on = now() - interval '8 days'`;
  await work();
  expect(await subjects()).toEqual([]);
  const [waiting] =
    await sql`select count(*)::int as n from pgboss.job where name = 'notice' and state <> 'completed'`;
  expect(waiting?.n).toBe(0);
});

test('mails speak the language of the browser that bought, or the one that was chosen, and stay away where switched off', async () => {
  const person = await sidecar.database.signUp();
  const begun = await sidecar.post('/create-payment-intent', {
    person,
    headers: { 'accept-language': 'pt-BR,de;q=0.8,en;q=0.5', 'idempotency-key': randomUUID() },
    body: { package_id: 'starter' },
  });
  expect(begun.status).toBe(201);
  const gift = await buy(person, 'gift', { p_gift_email: 'friend@example.com' });
  await work();
  expect((await subjects()).toSorted()).toEqual([
    'Ein Geschenk für Sie: 5 h 30 min MindBot',
    'Ihre Quittung: Basic',
  ]);
  expect((await messages())[0]?.html).toContain('lang="de"');
  expect((await messages()).map(({ text }) => text).join()).toContain('MindBot öffnen:');

  const settings = { mail_language: 'fr', mails_off: ['receipt'] };
  await sidecar.put(`/user/${person.id}/settings`, { person, body: settings });
  await buy(person);
  await apply(gift, { refunds: [{ id: `re_${randomUUID()}`, amount_cents: 1000, status: 'succeeded' }] });
  await work();
  expect((await subjects()).slice(2)).toEqual(['Votre remboursement de 10,00\u00a0$US']);
});
