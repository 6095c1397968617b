import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import type { Right, Wanted } from './take-calls.ts';

const answer = z.object({ status: z.string(), live_calls: z.array(z.uuid()), free_seconds: z.int() });

/**
 * Asks the database whether it would open a call, so that nobody takes a job who has no right to talk.
 * @returns `open`, or the status it would refuse with; and what it knows of the person
 * @throws Fault `database_unavailable`
 */
export const askWhetherMayCall =
  (database: DatabaseClient, maxCallsPerPerson: number) =>
  async ({ callId, userId, roomName }: Wanted): Promise<Right> => {
    const args = {
      p_call_id: callId,
      p_user_id: userId,
      p_room_name: roomName,
      p_max_live_calls: maxCallsPerPerson,
    };
    const { status, live_calls, free_seconds } = await callFunction(database, 'may_call', args, answer);
    return { status, books: { liveCalls: live_calls, freeSeconds: free_seconds } };
  };
