import addressparser from 'nodemailer/lib/addressparser';

/** The variables that decide about mail, as they were set. */
export type MailVariables = {
  SMTP_URL?: string | undefined;
  MAIL_FROM?: string | undefined;
};

export type SmtpSettings = {
  /** As in the From header: a name and an address, or an address alone. */
  from: string;
  domain: string;
  host: string;
  port: number;
  /** TLS from the first byte; otherwise STARTTLS. */
  secure: boolean;
  requireTLS: boolean;
  auth?: { user: string; pass: string };
};

export type MailSettings = SmtpSettings | { problem: string };

const PORTS: Record<string, number> = { 'smtp:': 587, 'smtps:': 465 };

const unusable = (problem: string) => ({ problem });

function domainOf(from: string): string | null {
  const [first, ...others] = addressparser(from, { flatten: true });
  const domain = /^[^@\s]+@([a-z0-9.-]+)$/i.exec(first?.address ?? '')?.[1];
  return domain === undefined || others.length > 0 ? null : domain.toLowerCase();
}

function isOnThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

/** Which way mail goes, or what is wrong with the variables that say so. */
export function readMailSettings({ SMTP_URL: address, MAIL_FROM: from }: MailVariables): MailSettings {
  if (address === undefined) return unusable('SMTP_URL: is not set, so no notices are sent');
  // Never the address itself in a problem: it holds the password.
  if (!URL.canParse(address))
    return unusable('SMTP_URL: must be an address such as smtps://user:password@host');
  const url = new URL(address);
  const port = PORTS[url.protocol];
  if (port === undefined) return unusable('SMTP_URL: must begin with smtps:// or smtp://');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (host === '') return unusable('SMTP_URL: names no host');
  if (from === undefined) return unusable('MAIL_FROM: is missing; set it to "MindBot <hello@your-domain>"');
  const domain = domainOf(from);
  if (domain === null)
    return unusable('MAIL_FROM: must be one address such as "MindBot <hello@your-domain>"');
  const secure = url.protocol === 'smtps:';
  return {
    from,
    domain,
    host,
    port: url.port === '' ? port : Number(url.port),
    secure,
    // Activation codes are money: never over the network in the clear.
    requireTLS: !secure && !isOnThisMachine(host),
    ...(url.username !== '' && {
      auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    }),
  };
}
