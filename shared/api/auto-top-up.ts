import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

/** Body of `POST /user/:user_id/auto-top-up`: sending it is the person's consent to these terms. */
export const autoTopUpRequest = z
  .strictObject({
    package_id: z.string().min(1).max(64),
    threshold_seconds: z
      .int()
      .min(60)
      .max(360_000)
      .describe('bought when this much free time is left, or less'),
    monthly_cap_cents: z
      .int()
      .min(50)
      .max(10_000_000)
      .describe(
        'never charged more than this in a calendar month (UTC), in the smallest unit of the currency',
      ),
    payment_method_id: z.string().min(1).max(255).describe('a card saved at Stripe, of this person'),
    price_cents: z
      .int()
      .min(1)
      .max(2_147_483_647)
      .optional()
      .describe('of the package, as the person was shown it: refused where it is another one by now'),
    currency: z
      .string()
      .regex(/^[a-z]{3}$/)
      .optional()
      .describe('of price and cap, as the person was shown it'),
    consent: z.literal(true),
  })
  .register(apiSchemas, { id: 'AutoTopUpRequest' });

/** Answer of `GET` and `POST /user/:user_id/auto-top-up`, and of `…/disable`. */
export const autoTopUpResponse = z
  .discriminatedUnion('status', [
    z.object({ status: z.literal('not_set') }),
    z.object({
      status: z
        .enum(['active', 'disabled', 'stopped'])
        .describe('`stopped`: nothing is charged until the person consents again'),
      stop_reason: z
        .enum(['declined', 'review', 'terms_changed', 'money_back'])
        .nullable()
        .describe(
          'why it stopped: two declines in a row; a payment that did not fit; the package, its price or its currency is ' +
            'not what was agreed to; money went back by a refund or a dispute',
        ),
      package_id: z.string(),
      price_cents: z
        .int()
        .nullable()
        .describe('what was agreed to for the package; null where that was before prices were noted'),
      currency: z.string().nullable().describe('of price, cap and what was charged'),
      threshold_seconds: z.int(),
      monthly_cap_cents: z.int(),
      payment_method_id: z.string(),
      consent_at: z.string().describe('RFC 3339'),
      consecutive_declines: z.int(),
      charged_this_month_cents: z.int().describe('in this currency'),
      charge_in_flight: z.boolean(),
      last_failure: z
        .string()
        .nullable()
        .describe(
          'why the last charge under these terms failed, in the codes of Stripe: for `authentication_required` the bank ' +
            'wants to see the person, who has to buy by hand',
        ),
    }),
  ])
  .register(apiSchemas, { id: 'AutoTopUpResponse' });

export type AutoTopUpResponse = z.infer<typeof autoTopUpResponse>;
export type AutoTopUpRequest = z.infer<typeof autoTopUpRequest>;
