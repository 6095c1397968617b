import type { JobContext } from '@livekit/agents';
import { DisconnectReason, RoomEvent } from '@livekit/rtc-node';
import { CALL_TOPIC, type CallMessage } from '../../shared/api/calls.ts';
import { type Following, followCaller } from './follow-caller.ts';
import type { Line, Presence } from './line.ts';

/**
 * What any frontend can read of the call without knowing our messages: attributes of the agent's participant.
 * - `mindbot.meter`: waiting, running, paused, desk or stopped
 * - `mindbot.remaining_seconds`: at the last change
 */
const meterAttributes = (message: Extract<CallMessage, { type: 'meter' }>) => ({
  'mindbot.meter': message.state,
  'mindbot.remaining_seconds': String(message.remaining_seconds),
});

/** The line of a call in a LiveKit room. The job must be connected to the room. */
export function roomLine(
  ctx: Pick<JobContext, 'room' | 'deleteRoom'>,
  callerIdentity: string,
  options: Following,
): Line {
  const { room } = ctx;
  const { logger } = options;
  const listeners: ((presence: Presence, sinceMs?: number) => void)[] = [];
  let isDeleted = false;
  room.on(RoomEvent.Disconnected, (reason) => {
    isDeleted = reason === DisconnectReason.ROOM_DELETED;
  });
  const caller = followCaller(room, callerIdentity, options, (presence, sinceMs) => {
    for (const listener of listeners) listener(presence, sinceMs);
  });
  return {
    presence: caller.presence,
    onPresence(listener) {
      listeners.push(listener);
    },
    send(message) {
      const payload = new TextEncoder().encode(JSON.stringify(message));
      const told = [
        room.localParticipant?.publishData(payload, {
          reliable: true,
          topic: CALL_TOPIC,
          destination_identities: [callerIdentity],
        }),
        message.type === 'meter' && room.localParticipant?.setAttributes(meterAttributes(message)),
      ];
      Promise.all(told).catch((error: unknown) => logger.debug({ err: error }, 'client not told'));
    },
    async hangUp() {
      caller.stop();
      // Also when the job has left the room already: nobody shall sit in a room where no one answers.
      if (isDeleted) return;
      await ctx.deleteRoom().catch((error: unknown) => logger.warn({ err: error }, 'room not deleted'));
    },
  };
}
