import type { JobContext } from '@livekit/agents';
import { DisconnectReason, type RemoteParticipant, type Room, RoomEvent } from '@livekit/rtc-node';
import type { Logger } from 'pino';
import { CALL_TOPIC, type CallMessage } from '../../shared/api/calls.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Line, Presence } from './line.ts';
import { type Look, lookRegularly } from './look-for-caller.ts';

/** Reasons that mean: gone for good. All others may be a network's fault, and the caller may come back. */
const LEFT_FOR_GOOD = new Set<DisconnectReason | undefined>([
  DisconnectReason.CLIENT_INITIATED,
  DisconnectReason.ROOM_DELETED,
  DisconnectReason.PARTICIPANT_REMOVED,
  DisconnectReason.USER_REJECTED,
]);

/** Follows one caller, by identity, through the events of a LiveKit room that is already connected. */
function followPresence(room: Room, callerIdentity: string, changed: (presence: Presence) => void): Presence {
  const isCaller = (participant: RemoteParticipant) => participant.identity === callerIdentity;
  const isHere = () => room.remoteParticipants.has(callerIdentity);
  room.on(RoomEvent.ParticipantConnected, (participant) => {
    if (isCaller(participant)) changed('present');
  });
  room.on(RoomEvent.ParticipantDisconnected, (participant) => {
    if (!isCaller(participant) || isHere()) return;
    changed(LEFT_FOR_GOOD.has(participant.disconnectReason) ? 'left' : 'cut');
  });
  // Our own connection: whoever cannot hear us does not pay.
  room.on(RoomEvent.Reconnecting, () => changed('unreachable'));
  room.on(RoomEvent.Reconnected, () => changed(isHere() ? 'present' : 'cut'));
  room.on(RoomEvent.Disconnected, (reason) => changed(LEFT_FOR_GOOD.has(reason) ? 'left' : 'unreachable'));
  return isHere() ? 'present' : 'awaited';
}

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
  ctx: JobContext,
  callerIdentity: string,
  options: { look: Look; lookEveryMs: number; clock: Clock; logger: Logger },
): Line {
  const { room } = ctx;
  const { logger } = options;
  const listeners: ((presence: Presence) => void)[] = [];
  let isDeleted = false;
  room.on(RoomEvent.Disconnected, (reason) => {
    isDeleted = reason === DisconnectReason.ROOM_DELETED;
  });
  let presence: Presence = 'awaited';
  const move = (next: Presence) => {
    if (next === presence || presence === 'left') return;
    presence = next;
    for (const listener of listeners) listener(next);
  };
  presence = followPresence(room, callerIdentity, move);
  const stopLooking = lookRegularly({
    look: options.look,
    everyMs: options.lookEveryMs,
    clock: options.clock,
    presence: () => presence,
    found: move,
    failed: (error) => logger.debug({ err: error }, 'nobody could say who is in the room'),
  });
  return {
    presence: () => presence,
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
      stopLooking();
      // Also when the job has left the room already: nobody shall sit in a room where no one answers.
      if (isDeleted) return;
      await ctx.deleteRoom().catch((error: unknown) => logger.warn({ err: error }, 'room not deleted'));
    },
  };
}
