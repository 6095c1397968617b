import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

/** Answer of `GET /config.json`: addresses and public keys, all that a page needs. */
export const pageConfig = z
  .object({
    supabase: z.object({ url: z.string(), publishable_key: z.string() }),
    livekit: z.object({ url: z.string() }).nullable().describe('null where calls are not possible'),
    stripe: z.object({
      publishable_key: z.string(),
      api_url: z.string().nullable().describe('set only when a local server stands in for Stripe'),
    }),
  })
  .register(apiSchemas, { id: 'PageConfig' });

export type PageConfig = z.infer<typeof pageConfig>;
