import { z } from 'zod';
import { plainText } from './plain-text.ts';
import { apiSchemas } from './schemas.ts';

const timestamp = z.string().describe('RFC 3339');

/** Body of `PUT /user/:user_id/calls/:call_id/rating`. */
export const ratingRequest = z
  .strictObject({
    score: z.int().min(1).max(5).describe('1 is bad, 5 is good'),
    words: plainText(500).optional(),
  })
  .register(apiSchemas, { id: 'RatingRequest' });

export const ratingSchema = z
  .object({
    call_id: z.uuid(),
    score: z.int(),
    words: z.string().nullable(),
    rated_at: timestamp,
    changeable_until: timestamp,
  })
  .register(apiSchemas, { id: 'Rating' });

/** Answer of `GET` and `PUT /user/:user_id/calls/:call_id/rating`. */
export const ratingResponse = z
  .object({ rating: ratingSchema.nullable().describe('null for a call that was not rated') })
  .register(apiSchemas, { id: 'RatingResponse' });

const about = z.enum(['call', 'purchase', 'card', 'account']);
const supportStatus = z.enum(['open', 'answered', 'closed']);

/** Body of `POST /user/:user_id/support`; the request is named by the `Idempotency-Key` header. */
export const askForHelpRequest = z
  .strictObject({
    about,
    about_id: z
      .uuid()
      .toLowerCase()
      .optional()
      .describe('of the call, purchase or card; without for the account'),
    message: plainText(2000),
  })
  .refine(({ about, about_id }) => (about === 'account') === (about_id === undefined), {
    path: ['about_id'],
    error: 'send the id of the call, purchase or card, and none for the account',
  })
  .register(apiSchemas, {
    id: 'AskForHelpRequest',
    rules: {
      oneOf: [
        { properties: { about: { const: 'account' } }, not: { required: ['about_id'] } },
        { properties: { about: { enum: ['call', 'purchase', 'card'] } }, required: ['about_id'] },
      ],
    },
  });

export const supportRequestSchema = z
  .object({
    id: z.uuid(),
    about,
    about_id: z.uuid().nullable(),
    message: z.string().nullable().describe('plain text of theirs; null once the person is deleted'),
    status: supportStatus,
    answer: z.string().nullable().describe('also sent by mail'),
    created_at: timestamp,
    answered_at: timestamp.nullable(),
    closed_at: timestamp.nullable(),
  })
  .register(apiSchemas, { id: 'SupportCase' });

/** Query of `GET /user/:user_id/support`. */
export const ownRequestsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('How many at most.'),
  before: z.uuid().optional().describe('The last id of the page before.'),
});

/** Answer of `GET /user/:user_id/support`, newest first. */
export const ownRequestsResponse = z
  .object({ requests: z.array(supportRequestSchema) })
  .register(apiSchemas, { id: 'OwnSupportCasesResponse' });

export const askForHelpResponse = z
  .object({
    request: supportRequestSchema,
    replayed: z.boolean().describe('true when this key had asked before'),
  })
  .register(apiSchemas, { id: 'AskForHelpResponse' });

/** A request as operators see it. */
export const operatorRequestSchema = z
  .object({
    ...supportRequestSchema.shape,
    user_id: z.uuid(),
    email: z.string().nullable(),
    display_name: z.string(),
    answered_by: z.uuid().nullable(),
    closed_by: z.uuid().nullable(),
    answer_seconds: z.int().nullable().describe('from the question to the answer'),
    waiting_seconds: z.int().nullable().describe('of an open one'),
  })
  .register(apiSchemas, { id: 'OperatorSupportCase' });

/** Query of `GET /operator/support`. */
export const supportQuery = z.strictObject({
  status: supportStatus.optional().describe('Without: all, newest first. Open ones: longest waiting first.'),
  user_id: z.uuid().toLowerCase().optional().describe('Only of this person.'),
  about_id: z.uuid().toLowerCase().optional().describe('Only about this call, purchase or card.'),
  after: z.uuid().optional().describe('The `next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('How many at most.'),
});

export const supportResponse = z
  .object({
    requests: z.array(operatorRequestSchema),
    next: z.uuid().nullable().describe('pass it as `after` for the next page; null on the last one'),
  })
  .register(apiSchemas, { id: 'SupportResponse' });

/** Query of `GET /operator/support-figures`. */
export const supportFiguresQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(366).default(30).describe('How many days back.'),
});

export const supportFiguresResponse = z
  .object({
    open: z.int().describe('now, whenever they were asked'),
    longest_waiting_seconds: z.int().nullable(),
    asked: z.int(),
    answered: z.int(),
    answer_p50_seconds: z.int().nullable(),
    answer_p95_seconds: z.int().nullable(),
  })
  .register(apiSchemas, { id: 'SupportFigures' });

/** Body of `POST /operator/support/:request_id/answer`. */
export const answerRequest = z
  .strictObject({ answer: plainText(5000).describe('goes by mail, once') })
  .register(apiSchemas, { id: 'AnswerSupportRequest' });

/** Body of `POST /operator/support/:request_id/close`. */
export const closeRequest = z
  .strictObject({ reason: z.string().trim().min(1).max(500) })
  .register(apiSchemas, { id: 'CloseSupportRequest' });

export const operatorRequestResponse = z
  .object({ request: operatorRequestSchema })
  .register(apiSchemas, { id: 'OperatorSupportCaseResponse' });

export type OperatorRequest = z.infer<typeof operatorRequestSchema>;
export type OwnRequest = z.infer<typeof supportRequestSchema>;
export type RatingResponse = z.infer<typeof ratingResponse>;
