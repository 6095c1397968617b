import type { SidecarConfig } from '../../shared/config/variables.ts';
import { describeFailure } from '../outbox/describe-failure.ts';
import { HopelessError } from '../outbox/hopeless-error.ts';
import { type MailSettings, readMailSettings } from './mail-settings.ts';
import { sendToMailbox } from './send-to-mailbox.ts';
import { createSmtpSender } from './smtp-sender.ts';

/** An e-mail to one person. */
export type Message = {
  /** The Message-ID (RFC 5322, section 3.6.4) without its angle brackets: the same for every repeat. */
  id: string;
  to: string;
  subject: string;
  text: string;
  html: string;
};

/** Hands a message on. @throws MailError, HopelessError */
export type Send = (message: Message) => Promise<void>;

/** What carries e-mail to people: an SMTP server, or the mailbox on this machine. */
export type Mail = {
  /** Why nothing can be sent, in words that name the variable to set; null where it can be tried. */
  problem: string | null;
  /** The domain that Message-IDs end in. */
  domain: string;
  send: Send;
  /** `ok`, or what is wrong: with the configuration, or with the last message of this process. */
  state(): string;
};

function senderOf(settings: MailSettings): Send {
  if (settings.kind === 'smtp') return createSmtpSender(settings);
  if (settings.kind === 'mailbox') return (message) => sendToMailbox(settings, message);
  return () => Promise.reject(new Error(settings.problem));
}

/** Never throws: a mistake in the configuration of mail must not keep anybody from paying. */
export function createMail(config: SidecarConfig): Mail {
  const settings = readMailSettings(config);
  const send = senderOf(settings);
  const problem = settings.kind === 'none' ? settings.problem : null;
  let state = problem ?? 'ok';
  return {
    problem,
    domain: settings.kind === 'none' ? 'localhost' : settings.domain,
    async send(message) {
      try {
        await send(message);
        state = 'ok';
      } catch (error) {
        // A server that refuses one recipient works.
        state = error instanceof HopelessError ? 'ok' : describeFailure(error);
        throw error;
      }
    },
    state: () => state,
  };
}
