import { RoomServiceClient, TwirpError } from 'livekit-server-sdk';
import { z } from 'zod';
import { databaseFault } from '../../shared/database/database-fault.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { describeCause, PermanentError, ProviderMisconfigured } from '../base/failures.ts';
import type { JobHandler } from '../base/job.ts';
import { livekitConfig } from './livekit-config.ts';

const TIMEOUT_SECONDS = 5;

/** Whether LiveKit refuses us, whatever we ask for: no later try helps, and somebody has to mend it. */
function refusalOf(failure: unknown): ProviderMisconfigured | null {
  if (!(failure instanceof TwirpError) || (failure.status !== 401 && failure.status !== 403)) return null;
  const remedy = 'set LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a key of this server';
  return new ProviderMisconfigured('LiveKit', failure.code ?? String(failure.status), remedy, {
    cause: failure,
  });
}

/** Removes rooms from LiveKit, each with whoever is in it; null where no LiveKit is configured. */
function openRooms({ config, metrics }: Dependencies) {
  const livekit = livekitConfig(config);
  if (livekit === null) return null;
  const { url, apiKey, apiSecret } = livekit;
  const rooms = new RoomServiceClient(url, apiKey, apiSecret, {
    requestTimeout: TIMEOUT_SECONDS,
    failover: false,
  });
  return async function close(room: string): Promise<'closed' | 'gone'> {
    try {
      await rooms.deleteRoom(room);
      metrics.closedRooms.inc({ outcome: 'closed' });
      return 'closed';
    } catch (failure) {
      const isGone = failure instanceof TwirpError && failure.code === 'not_found';
      metrics.closedRooms.inc({ outcome: isGone ? 'gone' : 'failed' });
      if (isGone) return 'gone';
      throw refusalOf(failure) ?? failure;
    }
  };
}

/**
 * Closes the rooms of calls that are over in the books, so that nobody goes on talking for nothing to a worker
 * that was cut off from us. At best effort: LiveKit closes an empty room by itself. Never throws.
 */
export async function closeRooms(deps: Dependencies, callIds: readonly string[]): Promise<void> {
  const { database, logger } = deps;
  const close = openRooms(deps);
  if (close === null) return;
  const { data, error } = await database
    .from('calls')
    .select('room_name')
    .in('id', [...callIds]);
  if (error) {
    logger.warn({ reason: error.message }, 'rooms of reaped calls stay open: their names were not read');
    return;
  }
  const tryTo = async (room: string): Promise<void> => {
    try {
      await close(room);
    } catch (failure) {
      if (failure instanceof ProviderMisconfigured)
        logger.error({ room, reason: failure.message }, 'LiveKit does not take our key');
      else logger.warn({ room, cause: describeCause(failure) }, 'a room of a reaped call stays open');
    }
  };
  await Promise.all(data.map(({ room_name }) => tryTo(room_name)));
}

const payloadSchema = z.object({ call_id: z.uuid() });

/**
 * Ends a call that may not go on, by closing its room: its worker settles it then. Harmless to repeat.
 * @throws PermanentError, ProviderMisconfigured, TwirpError, Fault `database_unavailable`
 */
export const endCall: JobHandler = async (deps, { payload }) => {
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) throw new PermanentError('the payload names no call');
  const calls = deps.database.from('calls').select('room_name, status').eq('id', parsed.data.call_id);
  const { data, error } = await calls.maybeSingle();
  if (error) throw databaseFault('calls', error);
  if (data?.status !== 'open') return 'over';
  return (await openRooms(deps)?.(data.room_name)) ?? 'no_rooms';
};
