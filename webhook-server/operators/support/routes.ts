import { z } from 'zod';
import {
  answerRequest,
  closeRequest,
  type OperatorRequest,
  operatorRequestResponse,
  operatorRequestSchema,
  supportFiguresQuery,
  supportFiguresResponse,
  supportQuery,
  supportResponse,
} from '../../../shared/api/support.ts';
import { callFunction } from '../../../shared/database/call-function.ts';
import { Fault, type FaultCode } from '../../../shared/errors.ts';
import { route } from '../../http/route.ts';

const decided = z.union([
  z.object({ status: z.enum(['answered', 'closed']), request: operatorRequestSchema }),
  z.object({
    status: z.enum(['unknown_request', 'not_open', 'not_an_operator', 'invalid_answer', 'invalid_reason']),
  }),
]);

const REFUSALS = {
  unknown_request: ['not_found', 'There is no such request.'],
  not_open: ['too_late', 'This request was answered or closed by somebody else.'],
  not_an_operator: ['forbidden', 'Only operators may answer.'],
  invalid_answer: ['invalid_request'],
  invalid_reason: ['invalid_request'],
} as const satisfies Record<string, readonly [FaultCode, detail?: string]>;

function requestOf(answer: z.output<typeof decided>): { request: OperatorRequest } {
  if ('request' in answer) return { request: answer.request };
  const [code, detail]: readonly [FaultCode, detail?: string] = REFUSALS[answer.status];
  throw new Fault(code, detail);
}

const operators = { tag: 'operators', access: 'operator' } as const;
const ofOneRequest = {
  ...operators,
  method: 'post',
  params: z.object({ request_id: z.uuid().toLowerCase() }),
  answer: operatorRequestResponse,
} as const;

/** What operators do about requests for help. */
export const operatorSupportRoutes = [
  route({
    ...operators,
    operationId: 'listSupportRequests',
    method: 'get',
    path: '/operator/support',
    summary: 'Requests for help, page by page',
    query: supportQuery,
    answer: supportResponse,
    handle({ deps, query: { limit, ...filter } }) {
      const args = {
        p_limit: limit,
        ...(filter.status && { p_status: filter.status }),
        ...(filter.user_id && { p_user_id: filter.user_id }),
        ...(filter.about_id && { p_about_id: filter.about_id }),
        ...(filter.after && { p_after: filter.after }),
      };
      return callFunction(deps.database, 'list_support_requests', args, supportResponse);
    },
  }),
  route({
    ...operators,
    operationId: 'readSupportFigures',
    method: 'get',
    path: '/operator/support-figures',
    summary: 'How many ask for help, and how soon they are answered',
    query: supportFiguresQuery,
    answer: supportFiguresResponse,
    handle: ({ deps, query }) =>
      callFunction(deps.database, 'support_figures', { p_days: query.days }, supportFiguresResponse),
  }),
  route({
    ...ofOneRequest,
    operationId: 'answerSupportRequest',
    path: '/operator/support/:request_id/answer',
    summary: 'Answer a request for help, by mail',
    description: 'Once; the same answer again is harmless.',
    body: answerRequest,
    faults: ['not_found', 'too_late'],
    async handle({ deps: { database }, params, body, userId }) {
      const args = { p_request_id: params.request_id, p_operator_id: userId, p_answer: body.answer };
      return requestOf(await callFunction(database, 'answer_support_request', args, decided));
    },
  }),
  route({
    ...ofOneRequest,
    operationId: 'closeSupportRequest',
    path: '/operator/support/:request_id/close',
    summary: 'Close a request for help, for a reason; nobody is told',
    body: closeRequest,
    faults: ['not_found'],
    async handle({ deps: { database }, params, body, userId }) {
      const args = { p_request_id: params.request_id, p_operator_id: userId, p_reason: body.reason };
      return requestOf(await callFunction(database, 'close_support_request', args, decided));
    },
  }),
];
