import type { Clock } from '../../shared/clock.ts';
import type { Presence } from './line.ts';
import type { UplinkReading } from './read-uplink.ts';

const LOOK_MS = 1_000;

/** A caller who is back shall not have to wait. */
const LOOK_FOR_RETURN_MS = 250;

/** For so long packets must come again: a media server that drops a caller sends a few blank ones of its own. */
const BACK_FOR_MS = 400;

/** After such a gap they come anew. */
const LONGEST_GAP_MS = 1_000;

/** What is known of the caller's packets. All times are on the call's clock. */
type Uplink = {
  /** The newest packet, and when it came. */
  packet: number;
  packetAtMs: number;
  /** What had come of anything, and a time by which the last of it had not come yet. */
  contact: number;
  contactAfterMs: number;
  lookedAtMs: number;
  /** Of a dead line: when its last packet came, and since when there are packets again, if there are. */
  dead?: { sinceMs: number; backFromMs?: number };
};

/**
 * Who is there, by both sources: LiveKit says who is in the room, the packets whether the line carries anything.
 * LiveKit's word holds in everything but one: it may take for present who is long gone, so whoever is in the room
 * with a dead line is cut off. Neither events nor looks into the room bring a dead line back to life, only packets
 * do, or a client that says it is muted.
 */
export function presenceOf(told: Presence, isDead: boolean): Presence {
  return told === 'present' && isDead ? 'cut' : told;
}

/**
 * What is known after a look. A line is dead when its last packet is older than `deadAfterMs`, and something else
 * has come from the media server long after it: when our own connection is down, nothing comes from anybody.
 * @param uplink what was known before; undefined while nothing is watched
 * @param nowMs when the reading was asked for
 */
function afterReading(
  uplink: Uplink | undefined,
  reading: UplinkReading,
  nowMs: number,
  deadAfterMs: number,
): Uplink | undefined {
  if (reading === 'muted') return undefined;
  // The track of a caller who is given up goes shortly before the caller does, and is no sign of life.
  if (reading === 'unwatched') return uplink?.dead && { ...uplink, dead: { sinceMs: uplink.dead.sinceMs } };
  const { packet, ageMs, contact } = reading;
  const seen = { packet, contact, lookedAtMs: nowMs };
  // Nothing is concluded from what was before: the caller was muted, or on another connection.
  if (uplink === undefined) return { ...seen, packetAtMs: nowMs, contactAfterMs: nowMs };
  const contactAfterMs = contact === uplink.contact ? uplink.contactAfterMs : uplink.lookedAtMs;
  const hasCome = packet !== uplink.packet;
  // A jump of the machine's date must not move a packet out of the time in which it came.
  const cameAtMs = Math.min(nowMs, Math.max(uplink.lookedAtMs, nowMs - ageMs));
  const next = { ...seen, contactAfterMs, packetAtMs: hasCome ? cameAtMs : uplink.packetAtMs };
  const dead = uplink.dead ? stillDead(uplink.dead, hasCome, next) : nowDead(uplink, next, deadAfterMs);
  return dead ? { ...next, dead } : next;
}

function nowDead(before: Uplink, { packetAtMs, lookedAtMs }: Uplink, deadAfterMs: number): Uplink['dead'] {
  const isSilent = lookedAtMs - packetAtMs >= deadAfterMs;
  // What came only now may be the first after an outage of ours, with the caller's packets right behind it.
  const isConnected = before.contactAfterMs - packetAtMs >= deadAfterMs / 2;
  return isSilent && isConnected ? { sinceMs: packetAtMs } : undefined;
}

function stillDead(
  { sinceMs, backFromMs }: NonNullable<Uplink['dead']>,
  hasCome: boolean,
  { packetAtMs, lookedAtMs }: Uplink,
): Uplink['dead'] {
  if (lookedAtMs - packetAtMs > LONGEST_GAP_MS) return { sinceMs };
  if (!hasCome) return backFromMs === undefined ? { sinceMs } : { sinceMs, backFromMs };
  if (backFromMs === undefined) return { sinceMs, backFromMs: packetAtMs };
  return packetAtMs - backFromMs >= BACK_FOR_MS ? undefined : { sinceMs, backFromMs };
}

/**
 * Watches whether packets of the caller's microphone arrive: LiveKit knows of a line that died without a word only
 * after 20 seconds. Silence is sent in packets, too, at least every 400 ms (RFC 6716, section 2.1.9). A look that
 * fails or gets no answer changes nothing.
 * @param options.deadAfterMs silence of the line after which it is dead; 0 never looks
 * @param options.told what LiveKit says
 * @param options.changed told since when the line is dead, and undefined when it is not any more
 * @returns how to stop, and how to forget everything: nothing is known of the caller while we are cut off ourselves
 */
export function watchUplink(options: {
  read: () => Promise<UplinkReading>;
  deadAfterMs: number;
  clock: Clock;
  told: () => Presence;
  changed: (deadSinceMs: number | undefined) => void;
  failed: (error: unknown) => void;
}): { stop(): void; forget(): void } {
  const { read, deadAfterMs, clock, told, changed, failed } = options;
  let uplink: Uplink | undefined;
  let isAsking = false;
  let isOver = false;
  let cancel = () => {};
  const move = (next: Uplink | undefined) => {
    const before = uplink?.dead?.sinceMs;
    uplink = next;
    if (next?.dead?.sinceMs !== before) changed(next?.dead?.sinceMs);
  };
  const lookOnce = async () => {
    const [toldBefore, before, nowMs] = [told(), uplink, clock.nowMs()];
    try {
      const reading = toldBefore === 'present' ? await read() : 'unwatched';
      // An event that came while we looked is newer than what we saw.
      if (isOver || told() !== toldBefore || uplink !== before) return;
      move(afterReading(before, reading, nowMs, deadAfterMs));
    } catch (error) {
      failed(error);
    }
  };
  const look = () => {
    cancel = clock.after(uplink?.dead ? LOOK_FOR_RETURN_MS : LOOK_MS, look);
    if (isAsking) return;
    isAsking = true;
    void lookOnce().finally(() => {
      isAsking = false;
    });
  };
  if (deadAfterMs > 0) look();
  return {
    stop() {
      isOver = true;
      cancel();
    },
    forget: () => move(undefined),
  };
}
