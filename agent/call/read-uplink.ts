import { ParticipantKind, type Room, TrackKind, TrackSource } from '@livekit/rtc-node';

/**
 * What is seen of the caller's microphone:
 * - `unwatched`: there is none, or its silence says nothing: a telephone gateway has a media timeout of its own
 * - `muted`: no packets are sent for that, and the caller's client has told us so
 * - else which packet was the newest (`packet`, an arbitrary mark; 0 if there was none), how old it was (`ageMs`),
 *   and how much of anything had come from the media server (`contact`): both marks change with what arrives
 */
export type UplinkReading = 'unwatched' | 'muted' | { packet: number; ageMs: number; contact: number };

type Stat = Awaited<ReturnType<Room['getRtcStats']>>['publisherStats'][number]['stats'];

/** Sender reports and connectivity checks come every second or two, also when nobody sends media. */
function contactOf(stats: readonly Stat[]): number {
  return stats.reduce((sum, stat) => {
    const pair = stat.case === 'candidatePair' ? stat.value.candidatePair : undefined;
    return (
      sum +
      Number(pair?.packetsReceived ?? 0) +
      Number(pair?.requestsReceived ?? 0) +
      Number(pair?.responsesReceived ?? 0)
    );
  }, 0);
}

/** The newest packet of each stream of sound, as far as there was one. Times are the media stack's own. */
function newestPackets(stats: readonly Stat[]): { trackId: string; packet: number; ageMs: number }[] {
  return stats.flatMap((stat) => {
    if (stat.case !== 'inboundRtp' || stat.value.stream?.kind !== 'audio') return [];
    const { inbound, rtc } = stat.value;
    const packet = inbound?.lastPacketReceivedTimestamp ?? 0;
    // The time of the report is in microseconds, that of the packet in milliseconds.
    const ageMs = Number(rtc?.timestamp ?? 0) / 1000 - packet;
    return packet > 0 ? [{ trackId: inbound?.trackIdentifier ?? '', packet, ageMs }] : [];
  });
}

/** What the media stack knows of a microphone; of none in particular when it has no sid. */
async function newestPacket(room: Room, sid: string | undefined): Promise<UplinkReading> {
  const { publisherStats, subscriberStats } = await room.getRtcStats();
  // With one peer connection for both directions, what is received is among the publisher's figures.
  const stats = [...publisherStats, ...subscriberStats].map((one) => one.stats);
  const streams = newestPackets(stats);
  // That peer connection does not name tracks by their sid; then whatever is heard may be the caller.
  const own = streams.filter(({ trackId }) => trackId === sid);
  const { packet, ageMs } = (own.length > 0 ? own : streams).reduce(
    (newest, one) => (one.packet > newest.packet ? one : newest),
    { packet: 0, ageMs: 0 },
  );
  return { packet, ageMs, contact: contactOf(stats) };
}

/**
 * Asks the media stack for the newest packet of the caller's microphone, each time it is called
 * (https://www.w3.org/TR/webrtc-stats/#inboundrtpstats-dict*). It throws when the room is not connected.
 */
export function uplinkReader(room: Room, callerIdentity: string): () => Promise<UplinkReading> {
  /** Whose microphone was there last: a caller who joins anew is another participant for LiveKit. */
  let spokenAs: string | undefined;
  return async () => {
    const caller = room.remoteParticipants.get(callerIdentity);
    if (caller === undefined || caller.kind === ParticipantKind.SIP) return 'unwatched';
    const microphone = [...caller.trackPublications.values()].find(
      ({ kind, source }) => kind === TrackKind.KIND_AUDIO && source === TrackSource.SOURCE_MICROPHONE,
    );
    // Who had a microphone and joins anew without one has not put it down: that connection is not complete.
    const isLost = spokenAs !== undefined && spokenAs !== caller.sid;
    if (microphone === undefined && !isLost) return 'unwatched';
    if (microphone?.muted) return 'muted';
    if (microphone) spokenAs = caller.sid;
    return newestPacket(room, microphone?.sid);
  };
}
