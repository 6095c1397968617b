import { z } from 'zod';
import { apiSchemas } from './schemas.ts';
import { trialOffer } from './trials.ts';

/** One package for sale. Prices are integers in the currency's smallest unit. */
const packageSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    hours: z.int().describe('0 where it is sold in minutes'),
    minutes: z.int().describe('beside the hours, without the bonus'),
    bonus_minutes: z.int(),
    total_minutes: z.int().describe('all that a buyer gets'),
    price_cents: z.int().describe('in the smallest unit of its currency'),
    currency: z.string().describe('ISO 4217, lower case, as Stripe writes it'),
    price_per_minute_micros: z
      .int()
      .describe(
        'over all its minutes, bonus included: in millionths of the unit of its currency (of the dollar, not of the cent), rounded',
      ),
    best_value: z
      .boolean()
      .describe('a minute costs less than in every other package of its currency, of which there are others'),
    description: z.string(),
  })
  .register(apiSchemas, { id: 'Package' });

/** Answer of `GET /pricing`. */
export const pricingResponse = z
  .object({
    currency: z
      .string()
      .nullable()
      .describe('the one that all packages have; null where they differ, so go by that of the package'),
    packages: z.array(packageSchema),
    trial: trialOffer.nullable().describe('free minutes for new people; null where there are none'),
  })
  .register(apiSchemas, { id: 'PricingResponse' });

export type Package = z.infer<typeof packageSchema>;
export type PricingResponse = z.infer<typeof pricingResponse>;
/** What is for sale. */
export type Catalogue = Omit<PricingResponse, 'trial'>;
