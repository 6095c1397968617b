import { z } from 'zod';
import {
  askForHelpRequest,
  askForHelpResponse,
  ownRequestsQuery,
  ownRequestsResponse,
  ratingRequest,
  ratingResponse,
} from '../../shared/api/support.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { BUYERS_KEY_LENGTH, route } from '../http/route.ts';
import { askForHelp } from './ask-for-help.ts';
import { rateCall, readRating } from './rate-call.ts';

const ratingOfOneCall = {
  tag: 'calls',
  access: 'self',
  path: '/user/:user_id/calls/:call_id/rating',
  params: z.object({ call_id: z.uuid() }),
  answer: ratingResponse,
} as const;
const help = { tag: 'help', access: 'self', path: '/user/:user_id/support' } as const;

/** What people say about their calls, and ask. */
export const supportRoutes = [
  route({
    ...ratingOfOneCall,
    operationId: 'readRating',
    method: 'get',
    summary: 'How you rated a call',
    handle: ({ deps, userId, params }) => readRating(deps, userId, params.call_id),
  }),
  route({
    ...ratingOfOneCall,
    operationId: 'rateCall',
    method: 'put',
    summary: 'Rate a call of yours that is over',
    description: 'Once per call; for a day the rating can be changed.',
    body: ratingRequest,
    faults: ['not_found', 'call_in_progress', 'too_late'],
    handle: ({ deps, userId, params, body }) =>
      rateCall(deps, { userId, callId: params.call_id, score: body.score, words: body.words }),
  }),
  route({
    ...help,
    operationId: 'askForHelp',
    evenFrozen: true,
    method: 'post',
    summary: 'Ask for help with a call, a purchase, a card or your account',
    description:
      'Five times a day. The answer comes by mail. The same key asks once, with status 201 also on a repeat.',
    idempotency: { names: 'Names the question.', maxLength: BUYERS_KEY_LENGTH },
    body: askForHelpRequest,
    status: 201,
    answer: askForHelpResponse,
    faults: ['not_found', 'idempotency_key_reused'],
    handle: ({ deps, userId, body, idempotencyKey }) => askForHelp(deps, { ...body, userId, idempotencyKey }),
  }),
  route({
    ...help,
    operationId: 'listOwnSupportRequests',
    method: 'get',
    summary: 'What you asked for help with, and the answers',
    query: ownRequestsQuery,
    answer: ownRequestsResponse,
    async handle({ deps, userId, query }) {
      const args = {
        p_user_id: userId,
        p_limit: query.limit,
        ...(query.before !== undefined && { p_before: query.before }),
      };
      const { requests } = ownRequestsResponse.shape;
      return { requests: await callFunction(deps.database, 'list_own_requests', args, requests) };
    },
  }),
];
