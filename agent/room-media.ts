import type { Room } from '@livekit/rtc-node';
import type { MediaOptions } from './create-call.ts';

/** What recogniser, voice activity and turn model take, in Hz: anything else is resampled once for each of them. */
const HEARD_RATE = 16_000;

/** Joins a session to the room of its call: to the sound of one caller, and to what they type. */
export const roomMedia =
  (room: Room, identity: string): MediaOptions['attach'] =>
  () => ({
    room,
    inputOptions: {
      participantIdentity: identity,
      // Presence is ours to judge: a caller whose network fails may come back to the same conversation.
      closeOnDisconnect: false,
      audioSampleRate: HEARD_RATE,
    },
  });
