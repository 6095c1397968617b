import { z } from 'zod';
import { port as portNumber } from '../../shared/config/kinds.ts';
import { startMailbox } from './server.ts';

const environment = z
  .object({
    ENVIRONMENT: z.string().optional(),
    MAILBOX_PORT: portNumber(0),
    MAILBOX_SMTP_PORT: portNumber(0),
    MAILBOX_FILE: z.string().min(1),
  })
  .refine((values) => values.ENVIRONMENT !== 'production', {
    path: ['ENVIRONMENT'],
    error: 'the mailbox sends nothing to anybody and must not run in production',
  });

async function main(): Promise<void> {
  const given = Object.entries(process.env).filter(([, value]) => value !== '');
  const parsed = environment.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    throw new Error(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    );
  }
  const { MAILBOX_FILE: file, MAILBOX_PORT: port, MAILBOX_SMTP_PORT: smtpPort } = parsed.data;
  const mailbox = await startMailbox({ file, port, smtpPort });
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void mailbox.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  console.log(JSON.stringify({ ready: true, url: mailbox.url, smtp_url: mailbox.smtpUrl }));
}

main().catch((error: unknown) => {
  console.error(`mailbox: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
