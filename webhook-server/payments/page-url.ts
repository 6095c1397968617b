import type { Request } from 'express';
import type { SidecarConfig } from '../../shared/config/variables.ts';
import { Fault } from '../../shared/errors.ts';

const LOOPBACK = /^(localhost|[\w.-]+\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Where a buyer comes back to from a page of Stripe. The Host header is whatever a client writes: without PUBLIC_URL it is
 * believed only where it names this very machine, and nobody is led anywhere else.
 * @throws Fault `invalid_request`
 */
export function pageUrlOf(
  config: Pick<SidecarConfig, 'PUBLIC_URL' | 'SIDECAR_HOST'>,
  request: Request,
): string {
  if (config.PUBLIC_URL !== undefined) return config.PUBLIC_URL;
  const asked = `${request.protocol}://${request.host ?? ''}`;
  const hostname = URL.canParse(asked) ? new URL(asked).hostname : '';
  if (LOOPBACK.test(hostname) || hostname === config.SIDECAR_HOST) return asked;
  throw new Fault(
    'invalid_request',
    'This service does not know this address as its own: PUBLIC_URL is to be set.',
  );
}
