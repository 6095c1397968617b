import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import { type Execution, executeProduct, type PaidApis } from '../../shared/paid-apis/execute-product.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { describeFailure, PermanentError } from '../base/failures.ts';
import type { JobHandler } from '../base/job.ts';

/** Who says nothing for so long has died: another worker takes the task up. */
const LEASE_SECONDS = 60;
const BEAT_MS = 15_000;

const payloadSchema = z.object({ task_id: z.uuid() });
const taskSchema = z.object({
  id: z.uuid(),
  epoch: z.int(),
  attempt: z.int(),
  task_type: z.enum(['api_call', 'payment_processing', 'simulation']),
  agent_id: z.uuid(),
  agent_type: z.string(),
  tenant_id: z.uuid().nullable(),
  target_api_id: z.uuid().nullable(),
  quantity: z.int(),
  input: z.record(z.string(), z.unknown()),
  reserved_micros: z.int(),
  is_simulation: z.boolean(),
});
type Task = z.output<typeof taskSchema>;
const begunSchema = z.union([
  z.object({ status: z.literal('begun'), task: taskSchema }),
  z.object({ status: z.enum(['ended', 'under_way', 'not_due', 'unknown_task']) }),
]);
const beatenSchema = z.object({ status: z.enum(['beating', 'lost']) });
const endedSchema = z.object({
  status: z.enum(['completed', 'failed', 'canceled', 'again', 'lost', 'more_than_reserved']),
});

/** What came of an attempt. */
type Done = {
  outcome: 'completed' | 'failed' | 'again';
  chargedMicros: number;
  result?: object;
  error?: string;
};

/** What passes by itself: the next attempt may be answered. */
const PASSING = ['timeout', 'unreachable', 'server_error', 'lost'];
const PASSING_FAULTS = ['too_many_requests', 'overloaded', 'payment_provider_unavailable'];

/**
 * One of the calls of a task. Each attempt has a key of its own, since a key that failed answers so for ever; the earlier
 * ones are asked first: a worker that died may have been answered, and what was charged once is not charged again.
 */
async function callOnce(apis: PaidApis, task: Task, number: number): Promise<Execution> {
  let execution: Execution | undefined;
  for (let attempt = 1; attempt <= task.attempt; attempt++) {
    execution = await executeProduct(apis, {
      key: `task:${task.id}:${number}:${attempt}`,
      productId: task.target_api_id ?? '',
      agentId: task.agent_id,
      taskId: task.id,
      tenantId: task.tenant_id ?? undefined,
      args: task.input,
      mayCostMicros: Math.floor(task.reserved_micros / task.quantity),
    });
    const isOld = execution.repeated && execution.status === 'failed' && PASSING.includes(execution.outcome);
    if (!isOld) return execution;
  }
  if (execution === undefined) throw new Error('a task is begun with its first attempt');
  return execution;
}

async function callApi(apis: PaidApis, task: Task, isLost: () => boolean): Promise<Done> {
  let chargedMicros = 0;
  let last: Execution | undefined;
  for (let number = 1; number <= task.quantity; number++) {
    if (isLost()) return { outcome: 'again', chargedMicros, error: 'another worker has it' };
    last = await callOnce(apis, task, number);
    chargedMicros += last.charged_micros;
    if (last.status === 'failed') {
      const outcome = PASSING.includes(last.outcome) ? 'again' : 'failed';
      return { outcome, chargedMicros, error: `call ${number}: ${last.outcome}` };
    }
  }
  const size = JSON.stringify(last?.result ?? null).length;
  const result = { calls: task.quantity, ...(size <= 50_000 && { last_result: last?.result ?? null }) };
  return { outcome: 'completed', chargedMicros, result };
}

function simulate(task: Task): Done {
  const note = 'This is a simulation: no money moved, nothing was traded and nothing was minted.';
  return {
    outcome: 'completed',
    chargedMicros: 0,
    result: { is_simulation: true, agent_type: task.agent_type, note },
  };
}

async function work(deps: Dependencies, apis: PaidApis, task: Task, isLost: () => boolean): Promise<Done> {
  if (task.is_simulation) return simulate(task);
  try {
    if (task.task_type === 'api_call') return await callApi(apis, task, isLost);
    return { outcome: 'failed', chargedMicros: 0, error: 'there is no such work here' };
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'database_unavailable') throw error;
    const outcome = PASSING_FAULTS.includes(error.code) ? 'again' : 'failed';
    deps.logger.info({ task_id: task.id, code: error.code }, 'a task was refused');
    return { outcome, chargedMicros: 0, error: describeFailure(error) };
  }
}

/** Says that this worker lives until it is stopped; `isLost` once another one has the task. */
function beat({ database, logger }: Dependencies, task: Task): { isLost: () => boolean; stop: () => void } {
  let lost = false;
  const args = { p_task_id: task.id, p_epoch: task.epoch, p_seconds: LEASE_SECONDS };
  const timer = setInterval(() => {
    callFunction(database, 'beat_task', args, beatenSchema).then(
      ({ status }) => {
        lost = status === 'lost';
      },
      (error) =>
        logger.warn({ task_id: task.id, reason: describeFailure(error) }, 'a heartbeat was not heard'),
    );
  }, BEAT_MS);
  timer.unref();
  return { isLost: () => lost, stop: () => clearInterval(timer) };
}

/**
 * Does what an agent was assigned: takes the task up, lives up to it, and tells of its end. Harmless to repeat: the second
 * worker finds the first at work, or takes over with a later epoch, and what was charged is not charged again.
 * @throws PermanentError, Fault `database_unavailable`
 */
export function createTaskHandler(apis: PaidApis): JobHandler {
  return async (deps, { payload }) => {
    const parsed = payloadSchema.safeParse(payload);
    if (!parsed.success) throw new PermanentError('the payload names no task');
    const args = { p_task_id: parsed.data.task_id, p_seconds: LEASE_SECONDS };
    const begun = await callFunction<'begin_task', z.output<typeof begunSchema>>(
      deps.database,
      'begin_task',
      args,
      begunSchema,
    );
    if (!('task' in begun)) return begun.status;
    const { task } = begun;
    const life = beat(deps, task);
    try {
      const done = await work(deps, apis, task, life.isLost);
      const told = {
        p_task_id: task.id,
        p_epoch: task.epoch,
        p_outcome: done.outcome,
        p_charged_micros: done.chargedMicros,
        p_result: (done.result ?? null) as never,
        p_error: (done.error ?? null) as string,
      };
      return (await callFunction(deps.database, 'end_task', told, endedSchema)).status;
    } finally {
      life.stop();
    }
  };
}
