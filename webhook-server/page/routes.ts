import { sep } from 'node:path';
import express, { Router } from 'express';
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

const NOT_BUILT =
  'The sidecar runs, but the page is not built: run "npm run build", then reload. The API is described at /openapi.json.\n';

/** The files of the page, and a plain sentence where it is not built. */
export function servePage(folder: string): Router {
  const router = Router();
  router.use(
    express.static(folder, {
      cacheControl: false,
      setHeaders(response, path) {
        // Built assets carry a hash of their content in their names; all else may change at any time.
        const hashed = path.includes(`${sep}assets${sep}`);
        response.setHeader('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    }),
  );
  router.get('/', (_request, response) => {
    response.type('text').send(NOT_BUILT);
  });
  return router;
}
