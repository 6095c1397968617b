import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import type { Wanted } from './take-calls.ts';

const answer = z.object({ status: z.string() });

/**
 * Asks the database whether it would open a call, so that nobody takes a job who has no right to talk.
 * @returns `open`, or the status it would refuse with
 * @throws Fault `database_unavailable`
 */
export const askWhetherMayCall =
  (database: DatabaseClient, maxCallsPerPerson: number) =>
  async ({ callId, userId, roomName }: Wanted): Promise<string> => {
    const args = {
      p_call_id: callId,
      p_user_id: userId,
      p_room_name: roomName,
      p_max_live_calls: maxCallsPerPerson,
    };
    return (await callFunction(database, 'may_call', args, answer)).status;
  };
