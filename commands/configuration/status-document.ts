import type { Address } from '../basics/reporter.ts';
import type { StatusDocument } from '../supervisor/state-file.ts';
import type { StandIns } from './choose-stand-ins.ts';
import type { Settings } from './settings.ts';

const EVERYWHERE = ['0.0.0.0', '::'];

/** Where this machine reaches its sidecar, whatever the sidecar listens on. */
export function sidecarUrl(settings: Settings): string {
  const host = settings.SIDECAR_HOST;
  const reachable = host === undefined || EVERYWHERE.includes(host) ? '127.0.0.1' : host;
  const port = settings.SIDECAR_PORT ?? '8003';
  const url = `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
  // What is no host is told by the check of the configuration, and by no other variable that is made of it.
  return URL.canParse(url) ? url : `http://127.0.0.1:${port}`;
}

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

/** What to open, and where the parts are. */
export function addressesOf(settings: Settings, status: StatusDocument): Address[] {
  const metrics = `http://127.0.0.1:${settings.PROMETHEUS_PORT ?? '8080'}/metrics`;
  const { sidecar, agent, supabase, stripe, livekit, mailbox } = status;
  return [
    { label: 'Page', url: sidecar.url },
    { label: 'Sidecar health', url: `${sidecar.url}/health` },
    { label: 'Sidecar metrics', url: `${sidecar.url}/metrics` },
    ...(agent.health_url === null
      ? []
      : [
          { label: 'Agent health', url: agent.health_url },
          { label: 'Agent metrics', url: metrics },
        ]),
    { label: 'Supabase', url: supabase.url },
    { label: 'Stripe', url: stripe.api_url },
    ...(mailbox === null ? [] : [{ label: 'Mailbox', url: mailbox.url }]),
    ...(livekit === null ? [] : [{ label: 'LiveKit', url: livekit.url }]),
  ];
}
