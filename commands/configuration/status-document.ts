import type { StandIns } from './choose-stand-ins.ts';
import type { Settings } from './read-settings.ts';
import { sidecarUrl } from './sidecar-url.ts';

/** What `status --json` prints. Secrets are those of local stand-ins; a real service's are null. */
export type StatusDocument = {
  sidecar: { url: string };
  agent: { health_url: string | null };
  supabase: { url: string; publishable_key: string; secret_key: string | null };
  stripe: { api_url: string; secret_key: string | null; webhook_secret: string | null };
  /** Where e-mail stays on a machine without an SMTP server. */
  mailbox: { url: string } | null;
  livekit: { url: string; api_key: string | null; api_secret: string | null } | null;
};

/** @param settings a configuration that has passed its checks */
export function statusDocument(settings: Settings, standIns: StandIns): StatusDocument {
  const text = (name: string) => settings[name] ?? '';
  const secret = (name: string, isStandIn: boolean) => (isStandIn ? text(name) : null);
  const hasMedia = settings.LIVEKIT_URL !== undefined;
  return {
    sidecar: { url: sidecarUrl(settings) },
    agent: {
      health_url: hasMedia ? `http://127.0.0.1:${settings.HEALTH_CHECK_PORT ?? '8090'}/health` : null,
    },
    supabase: {
      url: text('SUPABASE_URL'),
      publishable_key: text('SUPABASE_PUBLISHABLE_KEY'),
      secret_key: secret('SUPABASE_SERVICE_ROLE_KEY', standIns.database),
    },
    stripe: {
      api_url: settings.STRIPE_API_URL ?? 'https://api.stripe.com',
      secret_key: secret('STRIPE_SECRET_KEY', standIns.stripe),
      webhook_secret: secret('STRIPE_WEBHOOK_SECRET', standIns.stripe),
    },
    mailbox: standIns.mail ? { url: text('MAILBOX_URL') } : null,
    livekit: hasMedia
      ? {
          url: text('LIVEKIT_URL'),
          api_key: secret('LIVEKIT_API_KEY', standIns.media),
          api_secret: secret('LIVEKIT_API_SECRET', standIns.media),
        }
      : null,
  };
}
