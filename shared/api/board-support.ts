import { z } from 'zod';
import { providerCalls } from './board-people.ts';
import { apiSchemas } from './schemas.ts';
import { operatorRequestSchema } from './support.ts';

const about = z.enum(['call', 'purchase', 'card', 'account']);
const ratings = { ratings: z.int(), stars: z.int().describe('of all ratings together') };

/** Answer of `GET /operator/board/support`. */
export const boardSupportResponse = z
  .object({
    steps: z.array(z.string().describe('RFC 3339, when the step begins')),
    open: z.int().describe('now, whenever they were asked'),
    longest_waiting_seconds: z.int().nullable(),
    requests: z.int().describe('asked in the range'),
    answered: z.int().describe('of these, by now'),
    answer_seconds: z
      .object({ p50: z.int(), p95: z.int(), p99: z.int() })
      .partial()
      .describe('from question to answer, within 15 %; empty without answers'),
    by_step: z.array(
      z.object({
        step: z.string(),
        requests: z.int(),
        answered: z.int(),
        ...ratings,
        calls: z.int(),
        errors: z.int(),
      }),
    ),
    by_about: z.array(z.object({ about, requests: z.int() })),
    by_version: z
      .array(
        z.object({
          version: z.string().describe('of the agent; empty where not told'),
          calls: z.int(),
          turns: z.int(),
          errors: z.int(),
          requests: z.int().describe('about calls of it'),
          ...ratings,
        }),
      )
      .describe('calls and what people said about them, by release'),
    by_provider: z
      .array(providerCalls.extend({ requests: z.int().describe('about calls that used it') }))
      .describe('calls and requests about them, by the providers that they used'),
  })
  .register(apiSchemas, { id: 'BoardSupport' });

/** Query of `GET /operator/board/requests`. */
export const boardRequestsQuery = z.strictObject({
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }).describe('not in the range any more'),
  about: about.optional(),
  version: z.string().max(100).optional().describe('Only about calls of this version of the agent.'),
  provider: z.string().max(150).optional().describe('Only about calls that used this provider.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** Answer of `GET /operator/board/requests`, newest first. */
export const boardRequestsResponse = z
  .object({ requests: z.array(operatorRequestSchema) })
  .register(apiSchemas, { id: 'BoardRequests' });

export type SupportFigures = z.infer<typeof boardSupportResponse>;
