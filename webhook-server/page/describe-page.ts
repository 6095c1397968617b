import type { PageConfig } from '../../shared/api/config.ts';
import type { SidecarConfig } from '../../shared/config/variables.ts';
import { livekitConfig } from '../calls/livekit-config.ts';

/** Addresses and public keys for the page. Every value is named, so that no secret can slip in. */
export function describePage(config: SidecarConfig): PageConfig {
  const livekit = livekitConfig(config);
  return {
    supabase: { url: config.SUPABASE_URL, publishable_key: config.SUPABASE_PUBLISHABLE_KEY },
    livekit: livekit === null ? null : { url: livekit.url },
    stripe: {
      publishable_key: config.STRIPE_PUBLISHABLE_KEY,
      api_url: config.STRIPE_API_URL ?? null,
    },
  };
}
