import { z } from 'zod';
import {
  agentCardsResponse,
  agentStateRequest,
  agentStateResponse,
  listQuery,
  opportunitiesResponse,
  revenueOverTimeQuery,
  revenueOverTimeResponse,
  revenueStatsQuery,
  revenueStatsResponse,
  tasksQuery,
  tasksResponse,
} from '../../../shared/api/agents.ts';
import { callFunction } from '../../../shared/database/call-function.ts';
import { Fault } from '../../../shared/errors.ts';
import { route } from '../../http/route.ts';

const board = { tag: 'operators', access: 'operator', method: 'get' } as const;
const stats = z.union([revenueStatsResponse, z.object({ status: z.literal('unknown_zone') })]);
const overTime = z.union([
  revenueOverTimeResponse,
  z.object({ status: z.enum(['unknown_zone', 'out_of_range']) }),
]);
const state = z.union([
  agentStateResponse.extend({ status: z.literal('set') }),
  z.object({ status: z.enum(['unknown_agent', 'malformed', 'retired']) }),
]);
const unknownZone = () => new Fault('invalid_request', 'zone: is no zone');

/** The board of revenue: one question for each of its panels, answered from sums that are exact to the last commit. */
export const revenueRoutes = [
  route({
    ...board,
    operationId: 'readRevenueStats',
    path: '/operator/revenue/stats',
    summary: "Today's revenue, agents at work, success of 24 hours, and what is to be charged",
    query: revenueStatsQuery,
    answer: revenueStatsResponse,
    async handle({ deps: { database }, query }) {
      const answer = await callFunction<'revenue_stats', z.output<typeof stats>>(
        database,
        'revenue_stats',
        { p_zone: query.zone },
        stats,
      );
      if (!('today' in answer)) throw unknownZone();
      return answer;
    },
  }),
  route({
    ...board,
    operationId: 'readRevenueOverTime',
    path: '/operator/revenue/over-time',
    summary: 'Collected revenue by hour (31 days at most) or day (400), by currency and source',
    query: revenueOverTimeQuery,
    answer: revenueOverTimeResponse,
    async handle({ deps: { database }, query }) {
      const args = { p_from: query.from, p_to: query.to, p_by: query.by, p_zone: query.zone };
      const answer = await callFunction<'revenue_over_time', z.output<typeof overTime>>(
        database,
        'revenue_over_time',
        args,
        overTime,
      );
      if ('rows' in answer) return { rows: answer.rows };
      if (answer.status === 'unknown_zone') throw unknownZone();
      throw new Fault('invalid_request', 'to: must be 1 to 400 days after from, or 31 by hour');
    },
  }),
  route({
    ...board,
    operationId: 'listAgentCards',
    path: '/operator/revenue/agents',
    summary: 'Agents: what they do now, spent today and earned so far',
    query: listQuery,
    answer: agentCardsResponse,
    handle: async ({ deps: { database }, query }) => ({
      agents: await callFunction(
        database,
        'agent_cards',
        { p_limit: query.limit },
        agentCardsResponse.shape.agents,
      ),
    }),
  }),
  route({
    ...board,
    operationId: 'listTasks',
    path: '/operator/revenue/tasks',
    summary: 'Tasks, newest first',
    query: tasksQuery,
    answer: tasksResponse,
    handle: async ({ deps: { database }, query }) => ({
      tasks: await callFunction(
        database,
        'list_tasks',
        { p_limit: query.limit, ...(query.before !== undefined && { p_before: query.before }) },
        tasksResponse.shape.tasks,
      ),
    }),
  }),
  route({
    ...board,
    operationId: 'listOpportunities',
    path: '/operator/revenue/opportunities',
    summary: 'What agents could do, newest first',
    query: listQuery,
    answer: opportunitiesResponse,
    handle: async ({ deps: { database }, query }) => ({
      opportunities: await callFunction(
        database,
        'list_opportunities',
        { p_limit: query.limit },
        opportunitiesResponse.shape.opportunities,
      ),
    }),
  }),
  route({
    ...board,
    method: 'post',
    operationId: 'setAgentState',
    path: '/operator/agents/:agent_id/state',
    summary: 'Take an agent out, back in, or off for good',
    description:
      'What a retired agent has not begun is given to others; what runs comes to its end. Its row and its books stay.',
    params: z.object({ agent_id: z.uuid().toLowerCase() }),
    body: agentStateRequest,
    answer: agentStateResponse,
    faults: ['not_found'],
    async handle({ deps: { database, logger }, params, body, userId }) {
      const args = { p_agent_id: params.agent_id, p_state: body.state };
      const answer = await callFunction<'set_agent_state', z.output<typeof state>>(
        database,
        'set_agent_state',
        args,
        state,
      );
      if (answer.status === 'retired') return { state: 'retired' as const };
      if (!('state' in answer)) throw new Fault('not_found', 'There is no such agent.');
      const line = { agent_id: params.agent_id, operator_id: userId, state: answer.state };
      logger.info(line, 'an operator set the state of an agent');
      return { state: answer.state };
    },
  }),
];
