import type { Message } from './mail.ts';
import { MailError } from './mail-error.ts';
import type { MailboxSettings } from './mail-settings.ts';

const TIMEOUT_MS = 10_000;

/**
 * Puts a message into the mailbox of a development machine, which nothing leaves.
 * @throws MailError
 */
export async function sendToMailbox({ url, from }: MailboxSettings, message: Message): Promise<void> {
  const { id, ...rest } = message;
  const response = await fetch(new URL('/messages', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message_id: id, from, ...rest }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => null);
  await response?.body?.cancel();
  if (response?.ok !== true) {
    throw new MailError(`the mailbox did not take a message (${response?.status ?? 'no answer'})`);
  }
}
