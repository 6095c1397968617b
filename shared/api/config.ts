import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

/** Answer of `GET /config.json`: addresses and public keys, all that a page needs. */
export const pageConfig = z
  .object({
    supabase: z.object({ url: z.string(), publishable_key: z.string() }),
    livekit: z.object({ url: z.string() }).nullable().describe('null where calls are not possible'),
    stripe: z.object({
      publishable_key: z.string(),
      js_url: z.string().nullable().describe('where Stripe.js is loaded from; null for Stripe’s own address'),
    }),
  })
  .register(apiSchemas, { id: 'PageConfig' });

export type PageConfig = z.infer<typeof pageConfig>;
