import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { isRoom } from '../../shared/api/rooms.ts';
import type { SidecarConfig } from '../../shared/config/variables.ts';
import { wantsPage } from './wants-page.ts';

/** An address in its http and its WebSocket form, as LiveKit's client and Supabase's use both. */
function bothForms(address: string): string[] {
  const { protocol, host } = new URL(address);
  const secure = protocol === 'https:' || protocol === 'wss:';
  const addresses = secure ? [`https://${host}`, `wss://${host}`] : [`http://${host}`, `ws://${host}`];
  // LiveKit Cloud sends a caller on to the nearest region, each under a name of its own.
  if (host.endsWith('.livekit.cloud')) addresses.push('https://*.livekit.cloud', 'wss://*.livekit.cloud');
  return addresses;
}

const STRIPE_JS = ['https://js.stripe.com', 'https://*.js.stripe.com'];

/** Where Stripe.js, its frames and its requests come from and go to. */
function stripeSources(address: string | undefined) {
  if (address === undefined) {
    const frames = [...STRIPE_JS, 'https://hooks.stripe.com'];
    return { scripts: STRIPE_JS, frames, api: 'https://api.stripe.com' };
  }
  const { origin } = new URL(address);
  return { scripts: [origin], frames: [origin], api: origin };
}

/** What the page may load and reach (https://docs.stripe.com/security/guide#content-security-policy). */
export function contentSecurityPolicy(config: SidecarConfig): Record<string, string[]> {
  const stripe = stripeSources(config.STRIPE_API_URL);
  return {
    'default-src': ["'self'"],
    'base-uri': ["'none'"],
    'object-src': ["'none'"],
    'frame-ancestors': ["'none'"],
    'form-action': ["'self'"],
    'script-src': ["'self'", ...stripe.scripts],
    'frame-src': stripe.frames,
    'connect-src': [
      "'self'",
      ...bothForms(config.SUPABASE_URL),
      ...(config.LIVEKIT_URL === undefined ? [] : bothForms(config.LIVEKIT_URL)),
      stripe.api,
    ],
    'img-src': ["'self'", 'data:', 'blob:'],
    'media-src': ["'self'", 'blob:'],
    'worker-src': ["'self'", 'blob:'],
    'style-src': ["'self'", "'unsafe-inline'"],
    'font-src': ["'self'"],
  };
}

/**
 * Security headers. Which pages of other origins may ask says `allowOrigins`. Data, scripts and styles go without what
 * browsers heed of documents only: with each of them it would be a tenth of what a first visit loads.
 */
export function setSecurityHeaders(config: SidecarConfig): RequestHandler {
  const ofPages = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy(config) },
  });
  const ofData = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { 'default-src': ["'none'"] } },
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });
  return (request, response, next) => {
    const isPage = wantsPage(request) || isRoom(request.path);
    (isPage ? ofPages : ofData)(request, response, next);
  };
}
