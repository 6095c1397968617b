import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { Fault } from '../../shared/errors.ts';
import { spendFault } from '../usage/spend-fault.ts';

/** Where a tool is used, as events of usage name it. */
const SERVER = 'mcp';
/** Longer than any tool takes that somebody waits for. */
const LOST_AFTER_SECONDS = 60;

const begunSchema = z.discriminatedUnion('status', [
  z.object({ status: z.enum(['begun', 'unknown_user', 'not_a_member', 'too_many_requests']) }),
  z.object({ status: z.literal('spend_limit'), period: z.enum(['day', 'month']) }),
]);
const endedSchema = z.object({ status: z.enum(['recorded', 'unknown', 'malformed']) });

export type Outcome = 'ok' | 'refused' | 'failed';
export type Payer = { userId: string; tenantId: string | null };

async function refuse(
  database: DatabaseClient,
  { userId, tenantId }: Payer,
  answer: z.output<typeof begunSchema>,
): Promise<void> {
  if (answer.status === 'spend_limit' && tenantId !== null)
    throw await spendFault(database, { userId, tenantId, now: new Date() });
  if (answer.status === 'unknown_user') throw new Fault('unknown_user');
  if (answer.status === 'not_a_member') throw new Fault('forbidden', 'You do not belong to this tenant.');
  if (answer.status === 'too_many_requests') {
    throw new Fault(
      'too_many_requests',
      'The plan of this tenant allows no more uses in a minute. Wait a minute.',
    );
  }
}

const argsOf = ({ userId, tenantId }: Payer, id: string, tool: string) => ({
  p_id: id,
  p_user_id: userId,
  p_tenant_id: tenantId as string,
  p_tool: tool,
  p_server: SERVER,
});

/**
 * Writes down that a tool begins. From here on exactly one event of usage comes of it, whatever happens.
 * @returns the id of this use
 * @throws Fault `unknown_user`, `forbidden`, `spend_limit_reached`, `too_many_requests`, `database_unavailable`; then the tool must not begin
 */
export async function beginTool(database: DatabaseClient, payer: Payer, tool: string): Promise<string> {
  const id = randomUUID();
  const args = { ...argsOf(payer, id, tool), p_seconds: LOST_AFTER_SECONDS };
  await refuse(database, payer, await callFunction(database, 'begin_tool_call', args, begunSchema));
  return id;
}

/** The same of a tool that takes long. @throws as `beginTool` */
export async function beginJob(database: DatabaseClient, payer: Payer, tool: string): Promise<string> {
  const id = randomUUID();
  const args = argsOf(payer, id, tool);
  await refuse(database, payer, await callFunction(database, 'begin_tool_job', args, begunSchema));
  return id;
}

/**
 * Tells how a tool ended. Harmless to repeat.
 * @throws Fault `database_unavailable`; then the use is recorded as unfinished, a minute later
 */
export async function endTool(
  database: DatabaseClient,
  id: string,
  outcome: Outcome,
  result?: object,
): Promise<void> {
  const args = { p_id: id, p_outcome: outcome, ...(result && { p_result: result as never }) };
  await callFunction(database, 'end_tool_call', args, endedSchema);
}
