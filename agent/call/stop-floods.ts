import { type Room, RoomEvent } from '@livekit/rtc-node';
import type { RoomServiceClient } from 'livekit-server-sdk';
import type { Logger } from 'pino';
import type { Clock } from '../../shared/clock.ts';

/** More than any client sends that does not mean to: a text is a stream, and nothing else of a caller's is read. */
export const MAX_PACKETS = 200;
export const WITHIN_MS = 2_000;

type Flooding = { identity: string; clock: Clock; flooded(): void };

/** Tells of each span in which a caller sent too many packets and opened too many streams, whatever their topics. */
export function watchFloods(room: Room, { identity, clock, flooded }: Flooding): void {
  let sinceMs = clock.nowMs();
  let packets = 0;
  const count = (sender: string | undefined) => {
    if (sender !== identity) return;
    if (clock.nowMs() - sinceMs >= WITHIN_MS) {
      sinceMs = clock.nowMs();
      packets = 0;
    }
    packets++;
    if (packets === MAX_PACKETS + 1) flooded();
  };
  room.on(RoomEvent.DataReceived, (_, sender) => count(sender?.identity));
  // Of a stream that nobody reads, no event tells.
  for (const opened of ['handleTextStreamOpened', 'handleByteStreamOpened'] as const) {
    const handle = room[opened].bind(room) as (...args: unknown[]) => void;
    const counted = (reader: unknown, sender: string) => {
      count(sender);
      handle(reader, sender);
    };
    Object.assign(room, { [opened]: counted });
  }
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
