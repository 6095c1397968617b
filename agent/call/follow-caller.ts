import { DisconnectReason, type RemoteParticipant, type Room, RoomEvent } from '@livekit/rtc-node';
import type { Logger } from 'pino';
import type { Clock } from '../../shared/clock.ts';
import type { Presence } from './line.ts';
import { type Look, lookRegularly } from './look-for-caller.ts';
import { uplinkReader } from './read-uplink.ts';
import { presenceOf, watchUplink } from './watch-uplink.ts';

/** Reasons that mean: gone for good. All others may be a network's fault, and the caller may come back. */
const LEFT_FOR_GOOD = new Set<DisconnectReason | undefined>([
  DisconnectReason.CLIENT_INITIATED,
  DisconnectReason.ROOM_DELETED,
  DisconnectReason.PARTICIPANT_REMOVED,
  DisconnectReason.USER_REJECTED,
]);

/** Follows one caller, by identity, through the events of a LiveKit room that is already connected. */
function followEvents(room: Room, callerIdentity: string, changed: (presence: Presence) => void): Presence {
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

/** How a caller is followed. With 0 for `lookEveryMs` or `deadLineMs`, in milliseconds, that is not looked at. */
export type Following = { look: Look; lookEveryMs: number; deadLineMs: number; clock: Clock; logger: Logger };

/**
 * Follows one caller by all that can be known of them: what LiveKit tells, what it answers when it is asked, and
 * whether their line carries anything.
 * @param changed told where the caller is now, and since when if that is known only now
 * @returns where they are now, and how to stop
 */
export function followCaller(
  room: Room,
  callerIdentity: string,
  options: Following,
  changed: (presence: Presence, sinceMs?: number) => void,
): { presence(): Presence; stop(): void } {
  const { clock, logger } = options;
  let told: Presence = 'awaited';
  let deadSinceMs: number | undefined;
  let presence: Presence = 'awaited';
  const combine = () => {
    const next = presenceOf(told, deadSinceMs !== undefined);
    if (next === presence) return;
    presence = next;
    if (next === 'cut' && told === 'present') changed(next, deadSinceMs);
    else changed(next);
  };
  const uplink = watchUplink({
    read: uplinkReader(room, callerIdentity),
    deadAfterMs: options.deadLineMs,
    clock,
    told: () => told,
    changed(sinceMs) {
      deadSinceMs = sinceMs;
      combine();
    },
    failed: (error) => logger.debug({ err: error }, 'nobody could say what the line carries'),
  });
  const hear = (next: Presence) => {
    if (told === 'left') return;
    told = next;
    if (next === 'unreachable') uplink.forget();
    combine();
  };
  told = followEvents(room, callerIdentity, hear);
  presence = told;
  const stopLooking = lookRegularly({
    look: options.look,
    everyMs: options.lookEveryMs,
    clock,
    presence: () => told,
    found: hear,
    failed: (error) => logger.debug({ err: error }, 'nobody could say who is in the room'),
  });
  return {
    presence: () => presence,
    stop() {
      stopLooking();
      uplink.stop();
    },
  };
}
