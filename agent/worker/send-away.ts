import { DataPacket_Kind, ParticipantInfo_State, type RoomServiceClient } from 'livekit-server-sdk';
import type { Logger } from 'pino';
import { CALL_TOPIC, type CallMessage, callerIdentity } from '../../shared/api/calls.ts';
import type { Clock } from '../../shared/clock.ts';

/** How long a caller's client is waited for that is still connecting, and how often it is looked for. */
const CONNECTS_WITHIN_MS = 3_000;
const LOOK_MS = 300;

/** How long the message may take to arrive before the room is closed. */
const READ_MS = 500;

/** Whoever joins without a right to by the hundred is not told each time. */
const MOST_AT_ONCE = 20;

type Away = {
  roomName: string;
  callId: string;
  userId: string;
  /** Ends of calls as `shared/api/call-words.ts` has them. */
  reason: string;
  /** Left alone where somebody else is in the room by then: another worker has taken the call. */
  unlessAnswered?: boolean;
};

type Rooms = Pick<RoomServiceClient, 'listParticipants' | 'sendData' | 'deleteRoom'>;

/** Tells whoever waits in a room why nobody talks to them, and closes it. Costs no job and no second. Never throws. */
export function senderAway(rooms: Rooms, clock: Clock, logger: Logger) {
  let telling = 0;
  const pause = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
  const isActive = async (roomName: string) =>
    (await rooms.listParticipants(roomName)).some(({ state }) => state === ParticipantInfo_State.ACTIVE);
  const tell = async ({ roomName, callId, reason }: Away) => {
    const giveUpMs = clock.nowMs() + CONNECTS_WITHIN_MS;
    while (!(await isActive(roomName)) && clock.nowMs() < giveUpMs) await pause(LOOK_MS);
    const message: CallMessage = { type: 'ended', call_id: callId, reason, charged_seconds: 0 };
    const payload = new TextEncoder().encode(JSON.stringify(message));
    await rooms.sendData(roomName, payload, DataPacket_Kind.RELIABLE, { topic: CALL_TOPIC });
    await pause(READ_MS);
  };
  const isAnswered = async ({ roomName, userId }: Away) =>
    (await rooms.listParticipants(roomName)).some(({ identity }) => identity !== callerIdentity(userId));
  return async (away: Away): Promise<void> => {
    const { roomName, reason } = away;
    try {
      if (away.unlessAnswered && (await isAnswered(away))) return;
      logger.info({ room: roomName, reason }, 'a caller is sent away');
      if (telling < MOST_AT_ONCE) {
        telling++;
        await tell(away)
          .catch((error: unknown) => logger.debug({ err: error }, 'a caller was not told why'))
          .finally(() => telling--);
      }
      await rooms.deleteRoom(roomName);
    } catch (error) {
      // Mostly a room that is gone, with whoever was in it.
      logger.debug({ err: error }, 'room not closed');
    }
  };
}
