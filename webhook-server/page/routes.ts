import { type PageConfig, pageConfig } from '../../shared/api/config.ts';
import type { SidecarConfig } from '../../shared/config/variables.ts';
import { livekitConfig } from '../calls/livekit-config.ts';
import { route } from '../http/route.ts';

/** Stripe.js comes from where Stripe's API is; Stripe's own library knows the address of the real one. */
function stripeJsUrl({ STRIPE_API_URL: address }: SidecarConfig): string | null {
  return address === undefined ? null : new URL('/v3/stripe.js', address).href;
}

/** Addresses and public keys for the page. Every value is named, so that no secret can slip in. */
function describePage(config: SidecarConfig): PageConfig {
  const livekit = livekitConfig(config);
  return {
    supabase: { url: config.SUPABASE_URL, publishable_key: config.SUPABASE_PUBLISHABLE_KEY },
    livekit: livekit === null ? null : { url: livekit.url },
    stripe: {
      publishable_key: config.STRIPE_PUBLISHABLE_KEY,
      js_url: stripeJsUrl(config),
    },
    page: {
      headline: config.PAGE_HEADLINE ?? null,
      purpose: config.PAGE_PURPOSE ?? null,
      examples: config.PAGE_EXAMPLES,
      operator: config.OPERATOR_NAME ?? null,
      contact_email: config.CONTACT_EMAIL ?? null,
      terms_url: config.TERMS_URL ?? null,
      privacy_url: config.PRIVACY_URL ?? null,
    },
  };
}

export const pageRoutes = [
  route({
    operationId: 'readPageConfig',
    tag: 'service',
    method: 'get',
    path: '/config.json',
    access: 'anybody',
    summary: 'Addresses and public keys for the page',
    answer: pageConfig,
    handle({ deps, response }) {
      response.set('cache-control', 'no-cache');
      return describePage(deps.config);
    },
  }),
];
