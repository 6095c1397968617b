import { z } from 'zod';
import { apiSchemas } from './schemas.ts';
import { cardSchema } from './time-cards.ts';

/** Free minutes as `GET /pricing` tells of them. */
export const trialOffer = z
  .object({
    seconds: z.int().describe('given once to a new person with a confirmed e-mail address'),
    valid_days: z.int().describe('then they end'),
  })
  .register(apiSchemas, { id: 'TrialOffer' });

/** Answer of `GET /user/:user_id/trial`. */
export const trialResponse = z
  .object({
    status: z
      .enum([
        'open',
        'claimed',
        'off',
        'not_confirmed',
        'had_one',
        'not_new',
        'address_had_enough',
        'day_is_over',
      ])
      .describe(
        '`open`: can be claimed now; `not_confirmed`: once the e-mail address is; `day_is_over`: again tomorrow (UTC); ' +
          '`had_one`: by another account of this e-mail address',
      ),
    offer: trialOffer.nullable().describe('null where there are no free minutes here'),
  })
  .register(apiSchemas, { id: 'TrialResponse' });

/** Answer of `POST /user/:user_id/trial`. */
export const claimTrialResponse = z
  .object({
    card: cardSchema,
    balance_seconds: z.int(),
    replayed: z.boolean().describe('true when they were given before'),
  })
  .register(apiSchemas, { id: 'ClaimTrialResponse' });

export type TrialOffer = z.infer<typeof trialOffer>;
export type TrialResponse = z.infer<typeof trialResponse>;
export type ClaimTrialResponse = z.infer<typeof claimTrialResponse>;
