import { z } from 'zod';
import { callFunction } from '../database/call-function.ts';
import type { DatabaseClient } from '../database/client.ts';

/** What is asked for: a call of somebody, in a room. */
export type WantedCall = {
  callId: string;
  userId: string;
  /** Whose time it uses; without: the person's own. */
  tenantId?: string | undefined;
  roomName: string;
};

/** What the books know of a person: the ids of the calls that hold time, and the seconds that none of them holds. */
export type Books = { liveCalls: readonly string[]; freeSeconds: number };

const statuses = z.enum([
  'open',
  'unknown_user',
  'unknown_tenant',
  'spend_limit_reached',
  'call_mismatch',
  'call_settled',
  'room_taken',
  'too_many_calls',
  'too_many_short_calls',
  'no_time_left',
]);

const answer = z.object({ status: statuses, live_calls: z.array(z.uuid()), free_seconds: z.int() });

/** `open`, or the status that the database would refuse with; and what it knows of the person. */
export type CallRight = { status: z.infer<typeof statuses>; books: Books };

/**
 * Asks the database whether it would open a call, before anything is spent on it: `open_call` decides, under a lock.
 * @throws Fault `database_unavailable`
 */
export async function mayCall(
  database: DatabaseClient,
  { callId, userId, tenantId, roomName }: WantedCall,
  maxCallsPerPerson: number,
): Promise<CallRight> {
  const args = {
    p_call_id: callId,
    p_user_id: userId,
    p_room_name: roomName,
    p_max_live_calls: maxCallsPerPerson,
    ...(tenantId !== undefined && { p_tenant_id: tenantId }),
  };
  const { status, live_calls, free_seconds } = await callFunction(database, 'may_call', args, answer);
  return { status, books: { liveCalls: live_calls, freeSeconds: free_seconds } };
}
