import { z } from 'zod';
import { parkedItemsResponse } from './outbox.ts';
import { apiSchemas } from './schemas.ts';

const at = z.string().describe('RFC 3339');
const reason = z.string().trim().min(1).max(500).describe('Why; operators can read it ever after.');

const act = z.object({
  at,
  operator_id: z.uuid().nullable(),
  operator_email: z.string().nullable().describe('null: deleted'),
  act: z.string(),
  subject: z
    .string()
    .describe('what it was about: the id of a person, a purchase, a call, a batch or an event'),
  reason: z.string(),
});

/** Query of `GET /operator/board/people`. */
export const findPeopleQuery = z.strictObject({
  text: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .describe(
      'How their e-mail address or name begins, or the id of anything of theirs, or an activation code.',
    ),
});

export const findPeopleResponse = z
  .object({
    people: z.array(
      z.object({
        user_id: z.uuid(),
        email: z.string().nullable(),
        display_name: z.string(),
        created_at: at,
        role: z.string(),
        is_deleted: z.boolean(),
        is_frozen: z.boolean(),
        found_by: z.string().describe('what the text was found in'),
        balance_seconds: z.int(),
      }),
    ),
  })
  .register(apiSchemas, { id: 'FoundPeople' });

const card = z.object({
  card_id: z.uuid(),
  source: z.string(),
  status: z.string(),
  package_id: z.string().nullable(),
  seconds: z.int(),
  remaining_seconds: z.int(),
  frozen_seconds: z.int(),
  is_given_away: z.boolean(),
  expires_at: at.nullable(),
  created_at: at,
});
const call = z.object({
  call_id: z.uuid(),
  status: z.string(),
  opened_at: at,
  ended_at: at.nullable(),
  end_reason: z.string().nullable(),
  charged_seconds: z.int().nullable(),
  latency_p95_ms: z.int().nullable(),
  quality: z.int().nullable(),
  errors: z.int().nullable(),
});
const purchase = z.object({
  purchase_id: z.uuid(),
  package_id: z.string(),
  purpose: z.string(),
  status: z.string(),
  currency: z.string().describe('of what was received'),
  amount_cents: z.int(),
  received_cents: z.int().nullable(),
  refunded_cents: z.int(),
  disputed_cents: z.int(),
  lost_cents: z.int(),
  review_reason: z.string().nullable(),
  failure_code: z.string().nullable(),
  payment_intent_id: z.string().nullable(),
  created_at: at,
});

/** Answer of `GET /operator/board/people/:user_id`. */
export const boardPersonResponse = z
  .object({
    person: z.object({
      user_id: z.uuid(),
      email: z.string().nullable(),
      display_name: z.string(),
      role: z.string(),
      stripe_customer_id: z.string().nullable(),
      created_at: at,
      frozen_at: at.nullable(),
      deleted_at: at.nullable(),
    }),
    account: z
      .object({
        balance_seconds: z.int(),
        held_seconds: z.int().describe('by calls under way'),
        debt_seconds: z.int(),
        live_calls: z.int(),
      })
      .nullable(),
    auto_top_up: z.looseObject({ status: z.string() }),
    cards: z.array(card).describe('the newest 50, those given away included'),
    calls: z.array(call).describe('the latest 25'),
    purchases: z.array(purchase).describe('the latest 50'),
    acts: z.array(act).describe('what operators did about this person'),
  })
  .register(apiSchemas, { id: 'BoardPerson' });

export const freezeRequest = z
  .strictObject({ is_frozen: z.boolean(), reason })
  .register(apiSchemas, { id: 'FreezeRequest' });
export const freezeResponse = z
  .object({ status: z.enum(['frozen', 'free']) })
  .register(apiSchemas, { id: 'FreezeResponse' });
export const reasonRequest = z.strictObject({ reason }).register(apiSchemas, { id: 'ReasonRequest' });
export const doneResponse = z
  .object({ status: z.literal('done') })
  .register(apiSchemas, { id: 'DoneResponse' });

const worker = z.object({
  worker_id: z.uuid(),
  name: z.string().describe('host and process'),
  release: z.string().describe('empty where not told'),
  state: z.enum(['open', 'full', 'starved', 'draining', 'not_connected']),
  is_silent: z.boolean().describe('it has not told anything for 30 s'),
  calls: z.int(),
  seats: z.int().nullable().describe('calls that it can hold; null where its processor decides'),
  load_percent: z.int().describe('of what it takes at most'),
  started_at: at,
  reported_seconds_ago: z.int(),
});
/** Calls that used a provider, and in how many of them it failed. */
export const providerCalls = z.object({
  provider: z.string().describe('what, and whose: `llm@api.openai.com`'),
  calls: z.int(),
  failing_calls: z.int(),
  failures: z.int(),
});

/** Answer of `GET /operator/board/now`. */
export const boardNowResponse = z
  .object({
    at,
    live_calls: z.int(),
    calls: z
      .array(
        z.object({
          call_id: z.uuid(),
          user_id: z.uuid(),
          email: z.string().nullable(),
          opened_at: at,
          used_seconds: z.int(),
          restored_seconds: z.int(),
          left_seconds: z.int().describe('as far as its worker reported'),
          lease_ends_at: at,
          is_silent: z.boolean().describe('its worker did not report in time'),
        }),
      )
      .describe('the oldest 200'),
    workers: z.array(worker).describe('by what they last told of themselves'),
    providers: z.array(providerCalls).describe('by the calls of this hour and the last that are over'),
    jobs: z.array(
      z.object({ kind: z.string(), waiting: z.int(), given_up: z.int(), oldest_seconds: z.int() }),
    ),
    given_up: parkedItemsResponse.shape.items.describe('the latest 50'),
    alarms: z
      .array(z.object({ alarm: z.string(), count: z.int(), detail: z.string().nullable() }))
      .describe('what waits for a person; empty where all is well'),
    health: z
      .object({ database: z.string(), jobs: z.string(), mail: z.string() })
      .describe('of this replica'),
  })
  .register(apiSchemas, { id: 'BoardNow' });

/** Query of `GET /operator/board/acts`. */
export const actsQuery = z.strictObject({
  before: z.iso.datetime({ offset: true }).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
export const actsResponse = z.object({ acts: z.array(act) }).register(apiSchemas, { id: 'OperatorActs' });

/** Query of `GET /operator/board/disputes`. */
export const disputesQuery = z.strictObject({
  status: z.enum(['open', 'lost', 'won']).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export const disputesResponse = z
  .object({
    disputes: z.array(
      z.object({
        dispute_id: z.string(),
        status: z.enum(['open', 'lost', 'won']),
        reason: z.string().nullable(),
        amount_cents: z.int(),
        currency: z.string(),
        created_at: at,
        purchase_id: z.uuid(),
        user_id: z.uuid(),
        email: z.string().nullable(),
        package_id: z.string(),
        paid_at: at,
        payment_intent_id: z.string().nullable(),
        evidence: z
          .object({
            sold_seconds: z.int(),
            used_seconds: z.int(),
            calls: z.int(),
            first_used_at: at.nullable(),
            last_used_at: at.nullable(),
            frozen_seconds: z.int().nullable(),
            activated_at: at.nullable(),
          })
          .describe('what the books know of what was bought'),
      }),
    ),
  })
  .register(apiSchemas, { id: 'BoardDisputes' });

export type FoundPerson = z.infer<typeof findPeopleResponse>['people'][number];
export type BoardPerson = z.infer<typeof boardPersonResponse>;
export type BoardNow = z.infer<typeof boardNowResponse>;
export type OperatorAct = z.infer<typeof act>;
