import {
  AudioFrame,
  AudioSource,
  AudioStream,
  LocalAudioTrack,
  Room,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { CALL_TOPIC } from '../../shared/api/calls.ts';
import type { AudioListener, SyntheticCaller } from './caller.ts';
import { MessageLog } from './message-log.ts';

const MICROPHONE_RATE = 16_000;
const SPEAKER_RATE = 24_000;
const FRAME_SAMPLES = MICROPHONE_RATE / 50;

/** A caller who joins a real LiveKit room with a token, as a browser would. */
export async function joinRoom(
  serverUrl: string,
  token: string,
  onAudio: AudioListener,
): Promise<SyntheticCaller> {
  const room = new Room();
  const log = new MessageLog();
  room.on(RoomEvent.DataReceived, (payload, _participant, _kind, topic) => {
    if (topic === CALL_TOPIC) log.add(JSON.parse(new TextDecoder().decode(payload)));
  });
  room.on(RoomEvent.TrackSubscribed, (track) => {
    if (track.kind !== TrackKind.KIND_AUDIO) return;
    void (async () => {
      const stream = new AudioStream(track, { sampleRate: SPEAKER_RATE, numChannels: 1 });
      for await (const frame of stream) onAudio(Int16Array.from(frame.data), frame.sampleRate);
    })();
  });
  await room.connect(serverUrl, token, { autoSubscribe: true, dynacast: false });

  const source = new AudioSource(MICROPHONE_RATE, 1);
  const track = LocalAudioTrack.createAudioTrack('microphone', source);
  await room.localParticipant?.publishTrack(
    track,
    new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE }),
  );
  return {
    messages: log.messages,
    meterStoppedAtMs: () => log.meterStoppedAtMs,
    async speak(samples, sampleRate) {
      if (sampleRate !== MICROPHONE_RATE) throw new RangeError(`The microphone takes ${MICROPHONE_RATE} Hz.`);
      for (let at = 0; at < samples.length; at += FRAME_SAMPLES) {
        const frame = new Int16Array(FRAME_SAMPLES);
        frame.set(samples.subarray(at, at + FRAME_SAMPLES));
        await source.captureFrame(new AudioFrame(frame, MICROPHONE_RATE, 1, FRAME_SAMPLES));
      }
      await source.waitForPlayout();
    },
    async hangUp() {
      await room.disconnect();
    },
  };
}
