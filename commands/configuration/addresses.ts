import type { Address } from '../output/reporter.ts';
import type { Settings } from './read-settings.ts';
import type { StatusDocument } from './status-document.ts';

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
