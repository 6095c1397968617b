import { EventEmitter } from 'node:events';
import { ParticipantKind, type Room, RoomEvent, TrackKind, TrackSource } from '@livekit/rtc-node';
import { followCaller } from '../../agent/call/follow-caller.ts';
import type { Presence } from '../../agent/call/line.ts';
import { createLogger } from '../../shared/logging.ts';
import { FakeClock } from '../support/fake-clock.ts';

const CALLER = 'caller';
/** Between two packets of silence. */
const PACKET_MS = 400;
/** Between two signs of life of the media server. */
const CONTACT_MS = 2_000;
/** What the media stack's clock shows when the call's shows 0. */
const MEDIA_EPOCH_MS = 1_795_163_000_000;

type Stats = Awaited<ReturnType<Room['getRtcStats']>>;

/** A room with a caller in it, whose packets, and everything else that LiveKit says of them, are made up. */
export function scriptedRoom(deadLineMs = 4000, lookEveryMs = 10_000) {
  const clock = new FakeClock();
  const events = new EventEmitter();
  const microphone = {
    sid: 'TR_1',
    kind: TrackKind.KIND_AUDIO,
    source: TrackSource.SOURCE_MICROPHONE,
    muted: false,
  };
  const caller = {
    identity: CALLER,
    sid: 'PA_1',
    kind: ParticipantKind.STANDARD,
    trackPublications: new Map([['TR_1', microphone]]),
    disconnectReason: undefined as number | undefined,
  };
  const participants = new Map([[CALLER, caller]]);
  const world = {
    /** Whether packets of the caller arrive, and whether anything arrives at all. */
    isSending: true,
    isReached: true,
    isListed: true,
    /** What asking for figures comes to: an answer, an error, or nothing ever. */
    asking: 'answered' as 'answered' | 'refused' | 'unanswered',
    delayMs: 0,
    /** Whether somebody else in the room is heard. */
    isAnotherHeard: false,
    /** What the date is wrong by. */
    skewMs: 0,
    asked: 0,
    trackId: 'a name of its own',
    mind: 'publisherStats' as keyof Stats,
  };
  let packetAtMs = 0;
  let contact = 1n;
  const every = (ms: number, act: () => void) => {
    const again = () => {
      act();
      clock.after(ms, again);
    };
    again();
  };
  const receive = () => {
    if (!world.isReached || !world.isSending) return;
    packetAtMs = MEDIA_EPOCH_MS + clock.nowMs() + world.skewMs;
    contact++;
  };
  every(PACKET_MS, receive);
  every(CONTACT_MS, () => {
    if (world.isReached) contact++;
  });
  const contacts = () => ({
    case: 'candidatePair',
    value: { candidatePair: { packetsReceived: contact } },
  });
  const figures = () => {
    const timestamp = BigInt(Math.round((MEDIA_EPOCH_MS + clock.nowMs() + world.skewMs) * 1000));
    if (packetAtMs === 0) return [{ stats: contacts() }];
    const inbound = { trackIdentifier: world.trackId, lastPacketReceivedTimestamp: packetAtMs };
    const sound = { rtc: { timestamp }, stream: { kind: 'audio' }, inbound };
    const other = { trackIdentifier: 'TR_9', lastPacketReceivedTimestamp: Number(timestamp) / 1000 };
    return [
      { stats: { case: 'inboundRtp', value: sound } },
      ...(world.isAnotherHeard
        ? [{ stats: { case: 'inboundRtp', value: { ...sound, inbound: other } } }]
        : []),
      { stats: contacts() },
    ];
  };
  const room = Object.assign(events, {
    remoteParticipants: participants,
    async getRtcStats() {
      world.asked++;
      if (world.asking === 'refused') throw new Error('not connected');
      if (world.asking === 'unanswered') await new Promise<void>(() => {});
      const stats = { publisherStats: [], subscriberStats: [], [world.mind]: figures() };
      if (world.delayMs > 0) await new Promise<void>((arrive) => clock.after(world.delayMs, arrive));
      return stats;
    },
  });
  const heard: { presence: Presence; atMs: number; sinceMs: number | undefined }[] = [];
  const options = {
    look: async () => world.isListed,
    lookEveryMs,
    deadLineMs,
    clock,
    logger: createLogger('call', 'silent'),
  };
  const following = followCaller(room as unknown as Room, CALLER, options, (presence, sinceMs) => {
    heard.push({ presence, atMs: clock.nowMs(), sinceMs });
  });
  return {
    clock,
    world,
    caller,
    microphone,
    heard,
    ...following,
    /** LiveKit takes the caller out of the room, for a reason of its list. */
    remove(disconnectReason?: number) {
      participants.delete(CALLER);
      Object.assign(caller, { disconnectReason });
      events.emit(RoomEvent.ParticipantDisconnected, caller);
    },
    add() {
      participants.set(CALLER, caller);
      events.emit(RoomEvent.ParticipantConnected, caller);
    },
    emit: (event: RoomEvent) => void events.emit(event),
    receive,
    /** Something else arrives. */
    touch() {
      contact++;
    },
    /** The caller is on another connection, which has had no packet yet. */
    reconnect() {
      packetAtMs = 0;
      caller.sid += '1';
    },
    publish: () => void caller.trackPublications.set('TR_1', microphone),
    unpublish: () => void caller.trackPublications.delete('TR_1'),
  };
}
