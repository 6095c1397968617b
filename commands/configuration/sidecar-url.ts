import type { Settings } from './read-settings.ts';

const EVERYWHERE = ['0.0.0.0', '::'];

/** Where this machine reaches its sidecar, whatever the sidecar listens on. */
export function sidecarUrl(settings: Settings): string {
  const host = settings.SIDECAR_HOST;
  const reachable = host === undefined || EVERYWHERE.includes(host) ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${settings.SIDECAR_PORT ?? '8003'}`;
}
