import type { Service } from '../supervisor/service.ts';
import type { Settings } from './read-settings.ts';
import { AGENT_NAMES, SIDECAR_NAMES, serviceEnvironment } from './service-environment.ts';
import { sidecarUrl } from './sidecar-url.ts';

/**
 * The sidecar and, where there is a media server, the agent.
 * @param settings a configuration that has passed its checks
 * @param after names of what runs here too and must be there first
 * @param limits how long each may take to be ready, and to end: the agent lets its calls end in this time
 */
export function productServices(
  settings: Settings,
  after: readonly string[],
  limits: { readyWithinMs: number; sidecarGraceMs: number; agentGraceMs: number },
): Service[] {
  const sidecar = sidecarUrl(settings);
  const health = `http://127.0.0.1:${settings.HEALTH_CHECK_PORT ?? '8090'}/health`;
  const services: Service[] = [
    {
      name: 'sidecar',
      label: 'Billing sidecar and page',
      args: ['webhook-server/main.ts'],
      env: serviceEnvironment(settings, SIDECAR_NAMES),
      readiness: { http: `${sidecar}/health` },
      after: after.filter((name) => name === 'database'),
      readyWithinMs: limits.readyWithinMs,
      graceMs: limits.sidecarGraceMs,
      address: sidecar,
    },
  ];
  if (settings.LIVEKIT_URL === undefined) return services;
  services.push({
    name: 'agent',
    label: 'Voice agent',
    args: ['agent/main.ts'],
    env: serviceEnvironment(settings, AGENT_NAMES),
    readiness: { http: health },
    after: after.filter((name) => ['database', 'livekit', 'speech', 'sidecar'].includes(name)),
    readyWithinMs: limits.readyWithinMs,
    graceMs: limits.agentGraceMs,
    address: health,
  });
  return services;
}
