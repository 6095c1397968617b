import { createLocalTracks, EngineEvent, type LocalTrack, Room, RoomEvent } from 'livekit-client';
import { callIdOf, type TokenResponse } from '../../../shared/api/calls.ts';
import { PageError } from '../api/page-error.ts';
import { ApiError } from '../api/request.ts';
import type { KeptCall } from './kept-call.ts';
import { readVoices } from './read-voices.ts';
import { QUIET, type Voices } from './voices.ts';
import { type RoomListener, watchRoom } from './watch-room.ts';

/** LiveKit's topic for what is typed. */
const CHAT_TOPIC = 'lk.chat';
/** A token lives for 50 s. Who took longer to allow the microphone gets another one. */
const TOKEN_FRESH_MS = 35_000;

/** How long the page stays after the agent's `ended`, so that a goodbye can be heard to its end. */
const GOODBYE_MS = 10_000;

export interface LiveCall {
  hangUp: () => Promise<void>;
  setMuted: (muted: boolean) => Promise<void>;
  /** Must be called from a click: browsers forbid sound before one. */
  allowSound: () => Promise<void>;
  /** How loud both sides are now. */
  voices: () => Voices;
  /** Sends what was typed. */
  say: (text: string) => Promise<void>;
  chooseMicrophone: (deviceId: string) => Promise<void>;
}

/**
 * Asks for a place in a room, opens the microphone and joins. The place comes first: who has no time left is not asked for
 * a microphone. No call is opened before the room is joined, and so none without a microphone. Throws ApiError, or a
 * PageError that says what is wrong with the microphone or the connection.
 */
export async function joinCall(
  askToken: () => Promise<TokenResponse>,
  listener: RoomListener,
  keepPlace: (call: KeptCall) => void,
  signal: AbortSignal,
): Promise<LiveCall> {
  listener.onEvent({ type: 'phase', phase: 'connecting' });
  let token = await askToken();
  signal.throwIfAborted();
  const askedAtMs = performance.now();
  listener.onEvent({ type: 'phase', phase: 'microphone' });
  const microphone = await openMicrophone();
  // Who leaves the page may be reloading it: the worker's grace decides whether they have gone.
  const room = new Room({ disconnectOnPageLeave: false });
  let voices: ReturnType<typeof readVoices> | null = null;
  try {
    signal.throwIfAborted();
    listener.onEvent({ type: 'phase', phase: 'connecting' });
    if (performance.now() - askedAtMs > TOKEN_FRESH_MS) token = await askToken();
    signal.throwIfAborted();
    watchRoom(room, withGoodbye(room, listener));
    const hearing = readVoices(room, microphone);
    voices = hearing;
    room.once(RoomEvent.Disconnected, hearing.stop);
    // LiveKit renews it as soon as the room is joined, and while the call lasts.
    let newest = token.participant_token;
    const { server_url } = token;
    const keep = () =>
      keepPlace({ callId: callIdOf(room.name), place: { server_url, participant_token: newest } });
    room.engine.on(EngineEvent.TokenRefreshed, (renewed) => {
      newest = renewed;
      if (room.name !== '') keep();
    });
    await room.connect(server_url, newest);
    signal.throwIfAborted();
    keep();
    await room.localParticipant.publishTrack(microphone);
  } catch (error) {
    microphone.stop();
    voices?.stop();
    await room.disconnect();
    const isTold = signal.aborted || error instanceof ApiError;
    throw isTold ? error : new PageError('call_failed', { cause: error });
  }
  return {
    voices: () => voices?.now() ?? QUIET,
    say: async (text) => void (await room.localParticipant.sendText(text, { topic: CHAT_TOPIC })),
    chooseMicrophone: async (deviceId) => void (await room.switchActiveDevice('audioinput', deviceId)),
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
const CODES: Record<string, string> = {
  NotAllowedError: 'microphone_blocked',
  NotFoundError: 'microphone_missing',
  NotReadableError: 'microphone_busy',
};

/** Why the microphone could not be opened, as an error for the person at the page. */
function microphoneError(error: unknown): Error {
  const name = error instanceof Error ? error.name : '';
  return new PageError(CODES[name] ?? 'microphone_failed', { cause: error });
}
