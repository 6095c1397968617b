import { createLocalTracks, type LocalTrack, Room } from 'livekit-client';
import type { TokenResponse } from '../../../shared/api/calls.ts';
import { type RoomListener, watchRoom } from './watch-room.ts';

/** How long the page stays after the agent's `ended`, so that a goodbye can be heard to its end. */
const GOODBYE_MS = 10_000;

export interface LiveCall {
  hangUp: () => Promise<void>;
  setMuted: (muted: boolean) => Promise<void>;
  /** Must be called from a click: browsers forbid sound before one. */
  allowSound: () => Promise<void>;
}

/**
 * Opens the microphone, asks for a place in a room and joins it. The microphone comes first: without one no
 * call is opened. Throws ApiError, or an Error that says what is wrong with the microphone or the connection.
 */
export async function joinCall(
  askToken: () => Promise<TokenResponse>,
  listener: RoomListener,
  signal: AbortSignal,
): Promise<LiveCall> {
  const microphone = await openMicrophone();
  const room = new Room();
  try {
    signal.throwIfAborted();
    listener.onEvent({ type: 'phase', phase: 'connecting' });
    const { server_url, participant_token } = await askToken();
    signal.throwIfAborted();
    watchRoom(room, withGoodbye(room, listener));
    await room.connect(server_url, participant_token);
    signal.throwIfAborted();
    await room.localParticipant.publishTrack(microphone);
  } catch (error) {
    microphone.stop();
    await room.disconnect();
    throw error;
  }
  return {
    hangUp: () => room.disconnect(),
    async setMuted(muted) {
      await room.localParticipant.setMicrophoneEnabled(!muted);
      listener.onEvent({ type: 'muted', muted });
    },
    allowSound: () => room.startAudio(),
  };
}

async function openMicrophone(): Promise<LocalTrack> {
  try {
    const [track] = await createLocalTracks({ audio: { echoCancellation: true, noiseSuppression: true } });
    if (track) return track;
  } catch (error) {
    throw microphoneError(error);
  }
  throw microphoneError(undefined);
}

/** After `ended` the call is over for the person, too: leave when the agent has gone, or when it stays on. */
function withGoodbye(room: Room, listener: RoomListener): RoomListener {
  let over = false;
  return {
    onEvent(event) {
      listener.onEvent(event);
      if (over && event.type === 'agent' && event.state === 'left') void room.disconnect();
    },
    onMessage(message) {
      listener.onMessage(message);
      if (message.type !== 'ended' || over) return;
      over = true;
      setTimeout(() => void room.disconnect(), GOODBYE_MS);
    },
  };
}

// https://developer.mozilla.org/en-US/docs/Web/API/MediaDevices/getUserMedia#exceptions
const WORDS: Record<string, string> = {
  NotAllowedError:
    'The microphone is blocked. Allow it for this page (in the address bar), then press Talk again.',
  NotFoundError: 'No microphone was found. Connect one, then press Talk again.',
  NotReadableError: 'The microphone is in use by another program. Close that, then press Talk again.',
};

/** Why the microphone could not be opened, as an error for the person at the page. */
function microphoneError(error: unknown): Error {
  const name = error instanceof Error ? error.name : '';
  return new Error(WORDS[name] ?? 'The microphone could not be opened.', { cause: error });
}
