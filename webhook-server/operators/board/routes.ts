import { z } from 'zod';
import {
  boardCallsQuery,
  boardCallsResponse,
  businessQuery,
  businessResponse,
  rangeQuery,
  voiceResponse,
} from '../../../shared/api/board-figures.ts';
import {
  actsQuery,
  actsResponse,
  boardNowResponse,
  boardPersonResponse,
  disputesQuery,
  disputesResponse,
  doneResponse,
  findPeopleQuery,
  findPeopleResponse,
  freezeRequest,
  freezeResponse,
  reasonRequest,
} from '../../../shared/api/board-people.ts';
import {
  boardRequestsQuery,
  boardRequestsResponse,
  boardSupportResponse,
} from '../../../shared/api/board-support.ts';
import { route } from '../../http/route.ts';
import { createHealthCheck } from '../../operations/check-health.ts';
import { endCall, erasePerson, freezePerson } from './act.ts';
import { listBoardCalls, listBoardRequests, readBusiness, readSupport, readVoice } from './read-figures.ts';
import { findPeople, listActs, listDisputes, readNow, readPerson } from './read-people.ts';

const operators = { tag: 'operators', access: 'operator' } as const;
const reading = { ...operators, method: 'get' } as const;
const acting = { ...operators, method: 'post' } as const;
const ofOnePerson = { params: z.object({ user_id: z.uuid().toLowerCase() }) };

/** What operators see of all calls, time and money: docs/board.md says what the words mean. */
const figureRoutes = [
  route({
    ...reading,
    operationId: 'readBusiness',
    path: '/operator/board/business',
    summary: 'Money, time, people and margin of a range, exact to the last commit',
    description: 'Currencies stand beside each other and are never summed. See docs/board.md.',
    query: businessQuery,
    answer: businessResponse,
    handle: ({ deps, query }) => readBusiness(deps, query),
  }),
  route({
    ...reading,
    operationId: 'readVoice',
    path: '/operator/board/voice',
    summary: 'How long answers took, what went wrong and how good calls were, in a range',
    description: 'The parts of each percentile add up to it. See docs/board.md and docs/voice-measures.md.',
    query: rangeQuery,
    answer: voiceResponse,
    handle: ({ deps, query }) => readVoice(deps, query),
  }),
  route({
    ...reading,
    operationId: 'listBoardCalls',
    path: '/operator/board/calls',
    summary: 'The calls behind a figure, worst first',
    query: boardCallsQuery,
    answer: boardCallsResponse,
    handle: ({ deps, query }) => listBoardCalls(deps, query),
  }),
  route({
    ...reading,
    operationId: 'readSupport',
    path: '/operator/board/support',
    summary: 'Requests for help, and how soon they are answered, beside the calls that they are about',
    description: 'By release of the agent and by provider of these calls. See docs/board.md.',
    query: rangeQuery,
    answer: boardSupportResponse,
    handle: ({ deps, query }) => readSupport(deps, query),
  }),
  route({
    ...reading,
    operationId: 'listBoardRequests',
    path: '/operator/board/requests',
    summary: 'The requests behind a figure, newest first',
    query: boardRequestsQuery,
    answer: boardRequestsResponse,
    handle: ({ deps, query }) => listBoardRequests(deps, query),
  }),
];

const nowRoutes = [
  route({
    ...reading,
    operationId: 'readNow',
    path: '/operator/board/now',
    summary: 'Live calls with what is left, workers, providers, jobs, and what waits for a person',
    answer: boardNowResponse,
    prepare({ database, mail }, process) {
      const checkHealth = createHealthCheck({ database, mailState: mail.state, ...process });
      return async ({ deps }) => {
        const [now, { checks }] = await Promise.all([readNow(deps), checkHealth()]);
        return { ...now, health: checks };
      };
    },
  }),
  route({
    ...acting,
    operationId: 'endCall',
    path: '/operator/board/calls/:call_id/end',
    summary: 'End a call under way, for a reason',
    description:
      "Its room is closed; what was talked is settled as when the caller hangs up. Never one of one's own.",
    params: z.object({ call_id: z.uuid().toLowerCase() }),
    body: reasonRequest,
    answer: doneResponse,
    faults: ['not_found', 'call_settled'],
    async handle({ deps, params, body, userId }) {
      await endCall(deps, { callId: params.call_id, reason: body.reason, operatorId: userId });
      return { status: 'done' as const };
    },
  }),
];

const peopleRoutes = [
  route({
    ...reading,
    operationId: 'findPeople',
    path: '/operator/board/people',
    summary: 'Find people by e-mail address, name, code, or the id of anything of theirs',
    query: findPeopleQuery,
    answer: findPeopleResponse,
    handle: ({ deps, query }) => findPeople(deps, query.text),
  }),
  route({
    ...reading,
    ...ofOnePerson,
    operationId: 'readPerson',
    path: '/operator/board/people/:user_id',
    summary: 'All about a person: account, cards, calls, purchases, and what operators did',
    answer: boardPersonResponse,
    faults: ['not_found'],
    handle: ({ deps, params }) => readPerson(deps, params.user_id),
  }),
  route({
    ...acting,
    ...ofOnePerson,
    operationId: 'freezePerson',
    path: '/operator/board/people/:user_id/freeze',
    summary: 'Freeze an account, or free it, for a reason',
    description:
      'No call, purchase or code begins on a frozen account; what is there stays, and money still comes back. ' +
      "Never one's own. Harmless to repeat.",
    body: freezeRequest,
    answer: freezeResponse,
    faults: ['not_found'],
    handle: ({ deps, params, body, userId }) =>
      freezePerson(deps, {
        userId: params.user_id,
        isFrozen: body.is_frozen,
        reason: body.reason,
        operatorId: userId,
      }),
  }),
  route({
    ...acting,
    ...ofOnePerson,
    operationId: 'erasePerson',
    path: '/operator/board/people/:user_id/erase',
    summary: 'Delete a person, for a reason',
    description: 'What the books must keep stays under the bare id. Never oneself. It cannot be undone.',
    body: reasonRequest,
    answer: doneResponse,
    faults: ['not_found'],
    async handle({ deps, params, body, userId }) {
      await erasePerson(deps, { userId: params.user_id, reason: body.reason, operatorId: userId });
      return { status: 'done' as const };
    },
  }),
];

const moneyRoutes = [
  route({
    ...reading,
    operationId: 'listDisputes',
    path: '/operator/board/disputes',
    summary: 'Disputes, newest first, with what the books know of what was bought',
    query: disputesQuery,
    answer: disputesResponse,
    handle: ({ deps, query }) => listDisputes(deps, query),
  }),
  route({
    ...reading,
    operationId: 'listOperatorActs',
    path: '/operator/board/acts',
    summary: 'What operators did and why, newest first',
    query: actsQuery,
    answer: actsResponse,
    handle: ({ deps, query }) => listActs(deps, query),
  }),
];

export const boardRoutes = [...figureRoutes, ...nowRoutes, ...peopleRoutes, ...moneyRoutes];
