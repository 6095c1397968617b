import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

type ReceivedMail = { from: string; to: string[]; data: string };

/** An SMTP server to see what a client sends, and how it takes a refusal: the reply's code and words, by command. */
export async function startSmtpServer(
  options: {
    password?: string;
    refuses?: (command: 'MAIL' | 'RCPT' | 'DATA') => [code: number, words: string] | undefined;
  } = {},
) {
  const mails: ReceivedMail[] = [];
  const refusal = (command: 'MAIL' | 'RCPT' | 'DATA') => {
    const [responseCode, words] = options.refuses?.(command) ?? [];
    return responseCode === undefined ? null : Object.assign(new Error(words), { responseCode });
  };
  const smtp = new SMTPServer({
    disabledCommands: options.password === undefined ? ['AUTH', 'STARTTLS'] : ['STARTTLS'],
    authMethods: ['PLAIN'],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 100,
    onAuth({ username, password }, _session, done) {
      if (username === 'user' && password === options.password) done(null, { user: username });
      else done(Object.assign(new Error('no'), { responseCode: 535 }));
    },
    onMailFrom: (_address, _session, done) => done(refusal('MAIL')),
    onRcptTo: (_address, _session, done) => done(refusal('RCPT')),
    onData(stream, { envelope }, done) {
      text(stream).then((data) => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), data });
        done(refusal('DATA'));
      }, done);
    },
  });
  const server = smtp.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    close: () => new Promise<void>((resolve) => smtp.close(resolve)),
  };
}
