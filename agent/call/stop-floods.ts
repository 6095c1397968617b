import { type Room, RoomEvent } from '@livekit/rtc-node';
import type { RoomServiceClient } from 'livekit-server-sdk';
import type { Logger } from 'pino';
import type { Clock } from '../../shared/clock.ts';

/** More than any client sends that does not mean to: a text is a stream, and nothing else of a caller's is read. */
export const MAX_PACKETS = 200;
export const WITHIN_MS = 2_000;

/** What has come of anything but sound: packets, pieces of streams, and calls of methods (RPC), of which no event tells. */
async function packetsReceived(room: Pick<Room, 'getRtcStats'>): Promise<number> {
  const { publisherStats, subscriberStats } = await room.getRtcStats();
  return [...publisherStats, ...subscriberStats].reduce(
    (sum, { stats }) => sum + (stats.case === 'dataChannel' ? (stats.value.dc?.messagesReceived ?? 0) : 0),
    0,
  );
}

/** Tells of each span in which more came than a caller sends who does not mean to, whatever it is. */
export function watchFloods(
  room: Pick<Room, 'getRtcStats' | 'on'>,
  { clock, flooded }: { clock: Clock; flooded(): void },
): void {
  let received = 0;
  const look = async () => {
    const before = received;
    received = await packetsReceived(room).catch(() => before);
    // On another connection it is counted anew.
    if ((received < before ? received : received - before) > MAX_PACKETS) flooded();
    if (!isOver) wait();
  };
  let isOver = false;
  let cancel = () => {};
  const wait = () => {
    cancel = clock.after(WITHIN_MS, () => void look());
  };
  room.on(RoomEvent.Disconnected, () => {
    isOver = true;
    cancel();
  });
  wait();
}

type Rooms = Pick<RoomServiceClient, 'getParticipant' | 'updateParticipant'>;

/**
 * Has the media server drop what this caller sends besides their voice: it has no bound for a rate, and every packet that
 * comes to us costs the process of the call something, read or not. The voice, and the bill, go on. Never throws.
 */
export async function takeDataAway(
  rooms: Rooms,
  { roomName, identity, logger }: { roomName: string; identity: string; logger: Logger },
): Promise<void> {
  try {
    const { permission } = await rooms.getParticipant(roomName, identity);
    await rooms.updateParticipant(roomName, identity, {
      permission: { ...permission, canPublishData: false },
    });
    logger.warn('a flood of packets: the caller may send their voice only');
  } catch (error) {
    logger.warn({ err: error }, 'a flood of packets, and the media server does not stop it');
  }
}
