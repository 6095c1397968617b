import {
  createAudioAnalyser,
  type LocalTrack,
  RemoteAudioTrack,
  type Room,
  RoomEvent,
  TrackEvent,
} from 'livekit-client';
import type { Voices } from './voices.ts';

type Analyser = ReturnType<typeof createAudioAnalyser>;

/** Measures both voices of a call; nothing of them is kept. */
export function readVoices(room: Room, microphone: LocalTrack): { now: () => Voices; stop: () => void } {
  let caller: Analyser | null = null;
  let agent: Analyser | null = null;
  const listen = (track: Parameters<typeof createAudioAnalyser>[0]) =>
    createAudioAnalyser(track, { smoothingTimeConstant: 0.6 });
  const drop = (analyser: Analyser | null) => void analyser?.cleanup();

  function hearCaller() {
    drop(caller);
    caller = listen(microphone as Parameters<typeof createAudioAnalyser>[0]);
  }
  hearCaller();
  // Another device is another stream behind the same track.
  microphone.on(TrackEvent.Restarted, hearCaller);
  room.on(RoomEvent.TrackSubscribed, (track) => {
    if (!(track instanceof RemoteAudioTrack)) return;
    drop(agent);
    agent = listen(track);
  });
  return {
    now: () => ({
      caller: microphone.isMuted ? 0 : loudness(caller),
      agent: loudness(agent),
    }),
    stop() {
      drop(caller);
      drop(agent);
      caller = null;
      agent = null;
    },
  };
}

/** Speech fills the lower half of the scale of an analyser. */
const loudness = (analyser: Analyser | null) => Math.min(1, (analyser?.calculateVolume() ?? 0) * 1.8);
