import { ParticipantInfo_State, RoomServiceClient } from 'livekit-server-sdk';
import type { Clock } from '../../shared/clock.ts';
import type { AgentConfig } from '../../shared/config/variables.ts';
import type { Presence } from './line.ts';

const TIMEOUT_SECONDS = 5;

/** After which somebody who was not seen is looked for again: whoever hangs up is gone before the event comes. */
const SECOND_LOOK_MS = 1_000;

/** Asks whether the caller is in the room. */
export type Look = () => Promise<boolean>;

type LiveKitConfig = Pick<AgentConfig, 'LIVEKIT_URL' | 'LIVEKIT_API_KEY' | 'LIVEKIT_API_SECRET'>;

/** The media server's own service (https://docs.livekit.io/home/server/managing-participants/). */
export const roomServiceOf = (config: LiveKitConfig): RoomServiceClient =>
  new RoomServiceClient(
    config.LIVEKIT_URL.replace(/^ws/, 'http'),
    config.LIVEKIT_API_KEY,
    config.LIVEKIT_API_SECRET,
    { requestTimeout: TIMEOUT_SECONDS, failover: false },
  );

/** Asks the media server itself. */
export function lookIntoRoom(config: LiveKitConfig, roomName: string, callerIdentity: string): Look {
  const rooms = roomServiceOf(config);
  return async () => {
    const participants = await rooms.listParticipants(roomName);
    return participants.some(
      ({ identity, state }) => identity === callerIdentity && state !== ParticipantInfo_State.DISCONNECTED,
    );
  };
}

/** What a look makes of what events have told. Somebody who has left, or whom we cannot reach, is not looked for. */
export function afterLook(presence: Presence, isThere: boolean): Presence {
  if (isThere) return presence === 'awaited' || presence === 'cut' ? 'present' : presence;
  return presence === 'present' ? 'cut' : presence;
}

/**
 * Looks who is really there from time to time, because events can be late or lost: a caller who is not listed
 * must not pay, but is looked for twice. A look that fails changes nothing.
 * @returns how to stop looking
 */
export function lookRegularly(options: {
  look: Look;
  everyMs: number;
  clock: Clock;
  presence: () => Presence;
  found: (presence: Presence) => void;
  failed: (error: unknown) => void;
}): () => void {
  const { look, everyMs, clock, presence, found, failed } = options;
  if (everyMs === 0) return () => {};
  let cancel = () => {};
  let isOver = false;
  const lookOnce = async (isSecond: boolean) => {
    const before = presence();
    let isFirst = false;
    try {
      const after = afterLook(before, await look());
      // An event that came while we looked is newer than what we saw.
      const isNews = after !== before && presence() === before && !isOver;
      isFirst = isNews && after === 'cut' && !isSecond;
      if (isNews && !isFirst) found(after);
    } catch (error) {
      failed(error);
    }
    wait(isFirst);
  };
  const wait = (isFirst: boolean) => {
    if (!isOver) cancel = clock.after(isFirst ? SECOND_LOOK_MS : everyMs, () => void lookOnce(isFirst));
  };
  wait(false);
  return () => {
    isOver = true;
    cancel();
  };
}
