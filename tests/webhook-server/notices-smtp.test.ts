import { afterEach, expect, test } from 'vitest';
import type { SidecarConfig } from '../../shared/config/variables.ts';
import { PermanentError } from '../../webhook-server/base/failures.ts';
import { createMail } from '../../webhook-server/base/mail.ts';
import { readMailSettings } from '../../webhook-server/base/mail-settings.ts';
import { findSmtpProblem, MailError, type Message } from '../../webhook-server/base/smtp-sender.ts';
import { startSmtpServer } from '../support/smtp-server.ts';

let server: Awaited<ReturnType<typeof startSmtpServer>> | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const MAIL_FROM = 'MindBot <hello@mindbot.example>';
const MESSAGE: Message = {
  id: '0123456789abcdef@mindbot.example',
  to: 'someone@example.com',
  subject: 'Your receipt: Basic',
  text: 'The amount is €44.99\n',
  html: '<p>The amount is €44.99</p>\n',
};
// Only what decides about mail is read of it.
const mailOf = (variables: Partial<SidecarConfig>) => createMail(variables as SidecarConfig);

async function failureOf(action: Promise<unknown>): Promise<Error> {
  return action.then(
    () => new Error('it did not fail'),
    (error: Error) => error,
  );
}

test('a message goes out by SMTP, to one recipient, with both its forms and its Message-ID', async () => {
  server = await startSmtpServer({ password: 'p@ss/word' });
  const SMTP_URL = `smtp://user:${encodeURIComponent('p@ss/word')}@127.0.0.1:${server.port}`;
  const mail = mailOf({ SMTP_URL, MAIL_FROM });
  expect(mail).toMatchObject({ problem: null, domain: 'mindbot.example' });
  await mail.send(MESSAGE);
  expect(mail.state()).toBe('ok');
  expect(server.mails).toHaveLength(1);
  const [received] = server.mails;
  expect(received?.from).toBe('hello@mindbot.example');
  expect(received?.to).toEqual(['someone@example.com']);
  expect(received?.data).toContain('Message-ID: <0123456789abcdef@mindbot.example>');
  expect(received?.data).toContain('Auto-Submitted: auto-generated');
  expect(received?.data).toContain('text/plain');
  expect(received?.data).toContain('text/html');
});

test('an address never becomes two', async () => {
  server = await startSmtpServer();
  const mail = mailOf({ SMTP_URL: `smtp://127.0.0.1:${server.port}`, MAIL_FROM });
  await failureOf(
    mail.send({ ...MESSAGE, to: 'one@example.com, two@example.com\r\nRCPT TO:<three@example.com>' }),
  );
  const recipients = server.mails.flatMap(({ to }) => to);
  // One command at most, whose address is quoted: to the server it is one mailbox with a strange name.
  expect(recipients.length).toBeLessThanOrEqual(1);
  expect(recipients).not.toContainEqual(expect.stringMatching(/^(one|two|three)@example\.com$/));
  // The same sender does reach this server.
  await mail.send(MESSAGE);
  expect(server.mails.at(-1)?.to).toEqual(['someone@example.com']);
});

test('a recipient who is refused for good is a permanent error; the reason names nobody', async () => {
  server = await startSmtpServer({
    refuses: (verb) => (verb === 'RCPT' ? [550, '5.1.1 <someone@example.com> unknown'] : undefined),
  });
  const mail = mailOf({ SMTP_URL: `smtp://127.0.0.1:${server.port}`, MAIL_FROM });
  const failure = await failureOf(mail.send(MESSAGE));
  expect(failure).toBeInstanceOf(PermanentError);
  expect(failure.message).toBe(
    'the mail server refuses this for good (EENVELOPE at RCPT TO with 550): the person has to change the e-mail address of their account',
  );
  expect(mail.state()).toBe('ok');
});

test('a message that is refused for good is a permanent error, and the health says so', async () => {
  server = await startSmtpServer({ refuses: (verb) => (verb === 'DATA' ? [554, 'no'] : undefined) });
  const mail = mailOf({ SMTP_URL: `smtp://127.0.0.1:${server.port}`, MAIL_FROM });
  expect(await failureOf(mail.send(MESSAGE))).toBeInstanceOf(PermanentError);
  expect(mail.state()).toContain('EMESSAGE at DATA with 554');
});

test.each([
  ['a recipient who is refused for now', 'RCPT', 450, 'EENVELOPE at RCPT TO with 450'],
  ['a sender who is refused', 'MAIL', 553, 'EENVELOPE at MAIL FROM with 553'],
])('%s is tried again', async (_what, verb, reply, codes) => {
  server = await startSmtpServer({ refuses: (asked) => (asked === verb ? [reply, 'no'] : undefined) });
  const failure = await failureOf(
    mailOf({ SMTP_URL: `smtp://127.0.0.1:${server.port}`, MAIL_FROM }).send(MESSAGE),
  );
  expect(failure).toBeInstanceOf(MailError);
  expect(failure.message).toBe(`the mail server did not take a message (${codes})`);
});

test('doctor learns of a wrong password and of a server that is not there, in codes', async () => {
  server = await startSmtpServer({ password: 'right' });
  const find = async (address: string) => {
    const settings = readMailSettings({ SMTP_URL: address, MAIL_FROM });
    if ('problem' in settings) throw new Error(settings.problem);
    return findSmtpProblem(settings);
  };
  expect(await find(`smtp://user:right@127.0.0.1:${server.port}`)).toBeNull();
  expect(await find(`smtp://user:wrong@127.0.0.1:${server.port}`)).toBe('EAUTH at AUTH PLAIN with 535');
  expect(await find('smtp://127.0.0.1:9')).toMatch(/^ESOCKET at CONN$/);
});

test.each([
  [{}, 'SMTP_URL: is not set, so no notices are sent'],
  [{ SMTP_URL: 'mail.example:secret', MAIL_FROM }, 'SMTP_URL: must begin with smtps:// or smtp://'],
  [
    { SMTP_URL: '//user:secret@', MAIL_FROM },
    'SMTP_URL: must be an address such as smtps://user:password@host',
  ],
  [{ SMTP_URL: 'smtps://u:secret@h' }, 'MAIL_FROM: is missing; set it to "MindBot <hello@your-domain>"'],
  [
    { SMTP_URL: 'smtps://u:secret@h', MAIL_FROM: 'a@b.example, c@d.example' },
    'MAIL_FROM: must be one address such as "MindBot <hello@your-domain>"',
  ],
])(
  'a mistake in the configuration is a sentence, never a crash and never a password: %#',
  (variables, problem) => {
    const mail = mailOf(variables);
    expect(mail.problem).toBe(problem);
    expect(mail.state()).toBe(problem);
  },
);

test('beyond this machine mail goes over TLS or not at all', () => {
  expect(readMailSettings({ SMTP_URL: 'smtp://mail.example', MAIL_FROM })).toMatchObject({
    port: 587,
    secure: false,
    requireTLS: true,
  });
  expect(readMailSettings({ SMTP_URL: 'smtps://mail.example', MAIL_FROM })).toMatchObject({
    port: 465,
    secure: true,
  });
  expect(readMailSettings({ SMTP_URL: 'smtp://127.0.0.1:25', MAIL_FROM })).toMatchObject({
    requireTLS: false,
  });
});
