import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

/** Answer of `POST /create-checkout-session`, whose body is that of `POST /create-payment-intent`. */
export const createCheckoutSessionResponse = z
  .object({
    checkout_url: z.url().describe('the page of Stripe on which this purchase is paid'),
    purchase_id: z.uuid(),
    expires_at: z.string().describe('RFC 3339: nothing can be paid there afterwards'),
  })
  .register(apiSchemas, { id: 'CreateCheckoutSessionResponse' });

export type CreateCheckoutSessionResponse = z.infer<typeof createCheckoutSessionResponse>;
