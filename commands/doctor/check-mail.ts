import { readMailSettings } from '../../webhook-server/mail/mail-settings.ts';
import { findSmtpProblem } from '../../webhook-server/mail/smtp-sender.ts';
import type { Settings } from '../configuration/read-settings.ts';
import { bad, type Finding, ok, worthKnowing } from './finding.ts';

/** Whether e-mail can be sent: the configuration, and a sign-in at the server. Sends nothing, prints no password. */
export async function checkMail(settings: Settings): Promise<Finding[]> {
  if (settings.SMTP_URL === undefined) {
    const words = 'No SMTP_URL: nobody gets receipts or gift codes by e-mail';
    return settings.ENVIRONMENT === 'production'
      ? [worthKnowing(words, 'Set it as .env.example explains.')]
      : [];
  }
  const mail = readMailSettings(settings);
  if ('problem' in mail) {
    return [bad(mail.problem, 'Payments work without it, but no notice is sent. See .env.example.')];
  }
  const problem = await findSmtpProblem(mail);
  const where = `${mail.host}:${mail.port}`;
  return problem === null
    ? [ok(`The mail server answers at ${where}`)]
    : [bad(`The mail server at ${where} cannot be used (${problem})`, 'Check SMTP_URL and the network.')];
}
