import type { SidecarConfig } from '../../shared/config/variables.ts';
import { describeFailure } from './failures.ts';
import { readMailSettings } from './mail-settings.ts';
import { createSmtpSender, RecipientRefused, type Send } from './smtp-sender.ts';

/** What carries e-mail to people. */
export type Mail = {
  /** Why nothing can be sent, in words that name the variable to set; null where it can be tried. */
  problem: string | null;
  /** The domain that Message-IDs end in. */
  domain: string;
  send: Send;
  /** `ok`, or what is wrong: with the configuration, or with the last message of this process. */
  state(): string;
};

/** Never throws: a mistake in the configuration of mail must not keep anybody from paying. */
export function createMail(config: SidecarConfig): Mail {
  const settings = readMailSettings(config);
  const problem = 'problem' in settings ? settings.problem : null;
  const send: Send =
    'problem' in settings ? () => Promise.reject(new Error(settings.problem)) : createSmtpSender(settings);
  let state = problem ?? 'ok';
  return {
    problem,
    domain: 'problem' in settings ? 'localhost' : settings.domain,
    async send(message) {
      try {
        await send(message);
        state = 'ok';
      } catch (error) {
        // A server that refuses one recipient works.
        state = error instanceof RecipientRefused ? 'ok' : describeFailure(error);
        throw error;
      }
    },
    state: () => state,
  };
}
