import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { SidecarConfig } from '../../shared/config/variables.ts';

/** An address in its http and its WebSocket form, as LiveKit's client and Supabase's use both. */
function bothForms(address: string): string[] {
  const { protocol, host } = new URL(address);
  const secure = protocol === 'https:' || protocol === 'wss:';
  const addresses = secure ? [`https://${host}`, `wss://${host}`] : [`http://${host}`, `ws://${host}`];
  // LiveKit Cloud sends a caller on to the nearest region, each under a name of its own.
  if (host.endsWith('.livekit.cloud')) addresses.push('https://*.livekit.cloud', 'wss://*.livekit.cloud');
  return addresses;
}

/** What the page may load and reach (https://docs.stripe.com/security/guide#content-security-policy). */
export function contentSecurityPolicy(config: SidecarConfig): Record<string, string[]> {
  const realStripe = config.STRIPE_API_URL === undefined;
  const stripeApi = realStripe ? 'https://api.stripe.com' : new URL(config.STRIPE_API_URL ?? '').origin;
  return {
    'default-src': ["'self'"],
    'base-uri': ["'none'"],
    'object-src': ["'none'"],
    'frame-ancestors': ["'none'"],
    'form-action': ["'self'"],
    'script-src': ["'self'", ...(realStripe ? ['https://js.stripe.com', 'https://*.js.stripe.com'] : [])],
    'frame-src': realStripe
      ? ['https://js.stripe.com', 'https://*.js.stripe.com', 'https://hooks.stripe.com']
      : ["'none'"],
    'connect-src': [
      "'self'",
      ...bothForms(config.SUPABASE_URL),
      ...(config.LIVEKIT_URL === undefined ? [] : bothForms(config.LIVEKIT_URL)),
      stripeApi,
    ],
    'img-src': ["'self'", 'data:', 'blob:'],
    'media-src': ["'self'", 'blob:'],
    'worker-src': ["'self'", 'blob:'],
    'style-src': ["'self'", "'unsafe-inline'"],
    'font-src': ["'self'"],
  };
}

/** Security headers. No CORS headers anywhere: the page comes from here, and nobody else's page may ask. */
export function setSecurityHeaders(config: SidecarConfig): RequestHandler {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy(config) },
  });
}
