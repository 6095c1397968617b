import { createTransport } from 'nodemailer';
import { ProviderRefusal } from './failures.ts';
import type { SmtpSettings } from './mail-settings.ts';

/** An e-mail to one person. */
export type Message = {
  /** The Message-ID (RFC 5322, section 3.6.4) without its angle brackets: the same for every repeat. */
  id: string;
  to: string;
  subject: string;
  text: string;
  html: string;
};

/** Hands a message on. @throws MailError, RecipientRefused, ProviderRefusal */
export type Send = (message: Message) => Promise<void>;

/** A message was not taken. Says why in codes only: a server's own words quote the address. */
export class MailError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MailError';
  }
}

/** An address that gets no mail of ours, ever; all others may. */
export class RecipientRefused extends ProviderRefusal {
  constructor(codes: string) {
    super('the mail server', codes, 'the person has to change the e-mail address of their account');
    this.name = 'RecipientRefused';
  }
}

const CONNECTION_TIMEOUT_MS = 10_000;
/** For a whole message: well within the time that a job has. */
const TIMEOUT_MS = 30_000;

function transportOf(settings: SmtpSettings) {
  const { host, port, secure, requireTLS, auth } = settings;
  return createTransport({
    host,
    port,
    secure,
    requireTLS,
    ...(auth !== undefined && { auth }),
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    greetingTimeout: CONNECTION_TIMEOUT_MS,
    dnsTimeout: CONNECTION_TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/**
 * What a failure is to the job that sends: a refusal of this recipient or of this message for good, or something that may
 * pass, or that whoever runs the service mends (a sender, a password) while the message waits.
 */
function failureOf(error: unknown): Error {
  const { words, reply, command } = codesOf(error);
  const isForGood = reply !== null && reply >= 500;
  // An address that cannot even be put into a command is refused before it is sent.
  if ((isForGood && command === 'RCPT TO') || words === 'EENVELOPE at API')
    return new RecipientRefused(words);
  if (isForGood && command === 'DATA') {
    return new ProviderRefusal(
      'the mail server',
      words,
      'look for this message in the log of the mail server',
    );
  }
  return new MailError(`the mail server did not take a message (${words})`);
}

function codesOf(error: unknown): { words: string; reply: number | null; command: string | null } {
  const field = (name: string): unknown =>
    typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
  const [code, command, reply] = [field('code'), field('command'), field('responseCode')];
  const isReply = typeof reply === 'number';
  const words = [
    typeof code === 'string' ? code : 'failed',
    ...(typeof command === 'string' ? [`at ${command}`] : []),
    ...(isReply ? [`with ${reply}`] : []),
  ];
  return {
    words: words.join(' '),
    reply: isReply ? reply : null,
    command: typeof command === 'string' ? command : null,
  };
}

/** Sends by SMTP (RFC 5321). A refusal of recipient or message for good (5yz, section 4.2.1) is permanent. */
export function createSmtpSender(settings: SmtpSettings): Send {
  const transport = transportOf(settings);
  return async (message: Message) => {
    try {
      await transport.sendMail({
        messageId: `<${message.id}>`,
        from: settings.from,
        // As an object: an address is never read as a list of several.
        to: { name: '', address: message.to },
        subject: message.subject,
        text: message.text,
        html: message.html,
        // Answering machines shall not answer (RFC 3834, section 5).
        headers: { 'Auto-Submitted': 'auto-generated' },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      throw failureOf(error);
    }
  };
}

/**
 * Connects and signs in, and sends nothing.
 * @returns what is wrong, in codes; null where all is well
 */
export async function findSmtpProblem(settings: SmtpSettings): Promise<string | null> {
  const transport = transportOf(settings);
  try {
    await transport.verify();
    return null;
  } catch (error) {
    return codesOf(error).words;
  } finally {
    transport.close();
  }
}
