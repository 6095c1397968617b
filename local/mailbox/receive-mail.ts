import { randomUUID } from 'node:crypto';
import { simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { MessageStore } from './store.ts';

const MAX_BYTES = 2 * 1024 * 1024;
/** How long a client may go on when the mailbox ends. */
const CLOSE_TIMEOUT_MS = 500;

/** An answer of SMTP's that is no success (RFC 5321, section 4.2). */
function refusal(responseCode: number, words: string): Error {
  return Object.assign(new Error(words), { responseCode });
}

async function read(stream: SMTPServerDataStream, { envelope }: SMTPServerSession) {
  const mail = await simpleParser(stream, { skipImageLinks: true, skipTextToHtml: true });
  // The whole of it has to be read before an answer: the client is still sending.
  if (stream.sizeExceeded) throw refusal(552, `a message may have ${MAX_BYTES} bytes`);
  return {
    message_id: mail.messageId?.replace(/^<|>$/g, '') ?? `${randomUUID()}@without-id`,
    from: mail.from?.text ?? '',
    to: envelope.rcptTo.map(({ address }) => address).join(', '),
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html: mail.html === false ? '' : (mail.html ?? ''),
  };
}

/** An SMTP server that keeps every message and sends none on. It takes mail for anybody, without sign-in or TLS. */
export function createMailReceiver(store: MessageStore): SMTPServer {
  return new SMTPServer({
    // Nobody else can connect, and a certificate of our own making would be refused, rightly.
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: MAX_BYTES,
    closeTimeout: CLOSE_TIMEOUT_MS,
    onData(stream, session, done) {
      read(stream, session).then((message) => {
        store.add(message);
        done(null);
      }, done);
    },
  });
}
