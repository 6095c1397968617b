import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

type ReceivedMail = { from: string; to: string[]; data: string };

/** As much of an SMTP server (RFC 5321) as one client needs, to see what it is sent and how it takes a refusal. */
export async function startSmtpServer(
  options: { password?: string; refuses?: (command: string) => string | undefined } = {},
) {
  const mails: ReceivedMail[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    const say = (line: string) => socket.write(`${line}\r\n`);
    let mail: ReceivedMail = { from: '', to: [], data: '' };
    let inData = false;
    say('220 test ESMTP');
    createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
      if (inData) {
        if (line !== '.') {
          mail.data += `${line.replace(/^\.\./, '.')}\n`;
          return;
        }
        inData = false;
        mails.push(mail);
        mail = { from: '', to: [], data: '' };
        say('250 taken');
        return;
      }
      const refusal = options.refuses?.(line);
      const verb = line.split(' ', 1)[0]?.toUpperCase();
      if (refusal !== undefined) say(refusal);
      else if (verb === 'EHLO')
        say(options.password === undefined ? '250 test' : '250-test\r\n250 AUTH PLAIN');
      else if (verb === 'AUTH') {
        const [, user, password] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
          .toString()
          .split('\0');
        say(user === 'user' && password === options.password ? '235 welcome' : '535 5.7.8 no');
      } else if (verb === 'MAIL') {
        mail.from = line;
        say('250 ok');
      } else if (verb === 'RCPT') {
        mail.to.push(line);
        say('250 ok');
      } else if (verb === 'DATA') {
        inData = true;
        say('354 go on');
      } else if (verb === 'QUIT') socket.end('221 bye\r\n');
      else say('250 ok');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    mails,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
