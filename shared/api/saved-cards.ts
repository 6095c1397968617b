import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

/** A card that its owner had kept for later payments: what it takes to tell it from another, never more. */
const savedCardSchema = z
  .object({
    id: z.string().describe('of the payment method at Stripe'),
    brand: z.string().describe('as Stripe names it, such as `visa`'),
    last4: z.string(),
    exp_month: z.int(),
    exp_year: z.int(),
  })
  .register(apiSchemas, { id: 'SavedCard' });

/** Answer of `GET /user/:user_id/payment-methods`, and of removing one. Newest first. */
export const savedCardsResponse = z
  .object({ payment_methods: z.array(savedCardSchema) })
  .register(apiSchemas, { id: 'SavedCardsResponse' });

export type SavedCard = z.infer<typeof savedCardSchema>;
export type SavedCardsResponse = z.infer<typeof savedCardsResponse>;
