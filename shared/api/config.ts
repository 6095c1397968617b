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
    page: z
      .object({
        headline: z.string().nullable(),
        purpose: z.string().nullable(),
        examples: z.array(z.string()).describe('what people do with it'),
        operator: z.string().nullable().describe('who runs this service'),
        contact_email: z.string().nullable(),
        terms_url: z.string().nullable().describe('of terms of the operator’s own'),
        privacy_url: z.string().nullable().describe('of a privacy notice of the operator’s own'),
      })
      .describe('what the operator has the page say; null for the product’s own words'),
  })
  .register(apiSchemas, { id: 'PageConfig' });

export type PageConfig = z.infer<typeof pageConfig>;
