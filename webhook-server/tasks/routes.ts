import { z } from 'zod';
import {
  createTaskRequest,
  createTaskResponse,
  monitorRequest,
  monitorResponse,
  scheduleResponse,
} from '../../shared/api/agents.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import { route } from '../http/route.ts';
import { scheduleTasks } from './keep-tasks.ts';

const monitored = z.union([
  monitorResponse.extend({ status: z.literal('monitored') }),
  z.object({ status: z.literal('unknown_tenant') }),
]);
const made = z.union([
  createTaskResponse,
  z.object({ status: z.enum(['not_open', 'unknown_opportunity', 'malformed']) }),
]);

const brain = { tag: 'internal', access: 'service', method: 'post' } as const;

/** The brain of the first design: what could be done, who does it, and a task of somebody's own. */
export const taskRoutes = [
  route({
    ...brain,
    operationId: 'monitorMarket',
    path: '/neural-brain/monitor',
    summary: 'Look for what agents could do',
    description:
      'Writes down an opportunity for each paid API that is for sale, once in five minutes and while none of it waits. No agent ' +
      'spends because a clock ticks: only who asks has something found. POST /neural-brain/schedule assigns it.',
    body: monitorRequest,
    bodyMayBeMissing: true,
    answer: monitorResponse,
    faults: ['not_found'],
    async handle({ deps: { database }, body }) {
      const args = { p_tenant_id: (body.tenant_id ?? null) as string, p_limit: body.limit };
      const answer = await callFunction<'monitor_market', z.output<typeof monitored>>(
        database,
        'monitor_market',
        args,
        monitored,
      );
      if (!('opportunities' in answer)) throw new Fault('not_found', 'There is no such tenant.');
      return { opportunities: answer.opportunities };
    },
  }),
  route({
    ...brain,
    operationId: 'scheduleTasks',
    path: '/neural-brain/schedule',
    summary: 'Assign now what the scheduler assigns every five minutes',
    description: 'Any number may ask at once: each opportunity becomes one task at most.',
    answer: scheduleResponse,
    handle: ({ deps }) => scheduleTasks(deps),
  }),
  route({
    ...brain,
    operationId: 'createTask',
    path: '/neural-brain/create-task',
    summary: 'A task of an opportunity, or of its own',
    description:
      "Its price is reserved of the agent's budget of the day; the worker begins at once. With a Idempotency-Key it is made once.",
    body: createTaskRequest,
    idempotency: { names: 'task', maxLength: 150 },
    status: 201,
    answer: createTaskResponse,
    faults: ['not_found', 'purchase_closed'],
    async handle({ deps: { database }, body, idempotencyKey }) {
      const args = { p_task: body as never, p_key: idempotencyKey };
      const answer = await callFunction<'create_task', z.output<typeof made>>(
        database,
        'create_task',
        args,
        made,
      );
      if (answer.status === 'malformed') throw new Fault('invalid_request');
      if (answer.status === 'unknown_opportunity')
        throw new Fault('not_found', 'There is no such opportunity.');
      if (answer.status === 'not_open') throw new Fault('purchase_closed', 'This opportunity is over.');
      return createTaskResponse.parse(answer);
    },
  }),
];
