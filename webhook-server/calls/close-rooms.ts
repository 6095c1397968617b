import { RoomServiceClient, TwirpError } from 'livekit-server-sdk';
import type { Dependencies } from '../base/dependencies.ts';
import { describeCause, ProviderMisconfigured } from '../base/failures.ts';
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

/**
 * Closes the rooms of calls that are over in the books, so that nobody goes on talking for nothing to a worker
 * that was cut off from us. At best effort: LiveKit closes an empty room by itself. Never throws.
 */
export async function closeRooms(
  { config, database, metrics, logger }: Dependencies,
  callIds: readonly string[],
): Promise<void> {
  const livekit = livekitConfig(config);
  if (livekit === null) return;
  const { data, error } = await database
    .from('calls')
    .select('room_name')
    .in('id', [...callIds]);
  if (error) {
    logger.warn({ reason: error.message }, 'rooms of reaped calls stay open: their names were not read');
    return;
  }
  const { url, apiKey, apiSecret } = livekit;
  const rooms = new RoomServiceClient(url, apiKey, apiSecret, {
    requestTimeout: TIMEOUT_SECONDS,
    failover: false,
  });
  const close = async (room: string): Promise<void> => {
    try {
      await rooms.deleteRoom(room);
      metrics.closedRooms.inc({ outcome: 'closed' });
    } catch (failure) {
      const isGone = failure instanceof TwirpError && failure.code === 'not_found';
      metrics.closedRooms.inc({ outcome: isGone ? 'gone' : 'failed' });
      const refusal = refusalOf(failure);
      if (refusal !== null) logger.error({ room, reason: refusal.message }, 'LiveKit does not take our key');
      else if (!isGone)
        logger.warn({ room, cause: describeCause(failure) }, 'a room of a reaped call stays open');
    }
  };
  await Promise.all(data.map(({ room_name }) => close(room_name)));
}
