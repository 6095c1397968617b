import type { Service } from '../supervisor/service.ts';
import type { Settings } from './read-settings.ts';
import { AGENT_NAMES, SIDECAR_NAMES, serviceEnvironment } from './service-environment.ts';

/**
 * The sidecar and, where there is a media server, the agent.
 * @param settings a configuration that has passed its checks
 * @param after names of what runs here too and must be there first
 * @param graceMs how long each may take to end: the agent lets its calls end in this time
 */
export function productServices(
  settings: Settings,
  after: readonly string[],
  graceMs: { sidecar: number; agent: number },
): Service[] {
  const sidecar = `http://127.0.0.1:${settings.SIDECAR_PORT ?? '8003'}`;
  const health = `http://127.0.0.1:${settings.HEALTH_CHECK_PORT ?? '8090'}/health`;
  const services: Service[] = [
    {
      name: 'sidecar',
      label: 'Billing sidecar and page',
      args: ['webhook-server/main.ts'],
      env: serviceEnvironment(settings, SIDECAR_NAMES),
      readiness: { http: `${sidecar}/health` },
      after: after.filter((name) => name === 'database'),
      readyWithinMs: 60_000,
      graceMs: graceMs.sidecar,
      address: sidecar,
    },
  ];
  if (settings.LIVEKIT_URL === undefined) return services;
  services.push({
    name: 'agent',
    label: 'Voice agent',
    args: ['agent/main.ts', 'start'],
    env: serviceEnvironment(settings, AGENT_NAMES),
    readiness: { http: health },
    after: after.filter((name) => ['database', 'livekit', 'speech', 'sidecar'].includes(name)),
    readyWithinMs: 120_000,
    graceMs: graceMs.agent,
    address: health,
  });
  return services;
}
