import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  Room,
  RoomEvent,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';

const RATE = 16_000;
const FRAME_MS = 10;
const FRAME_SAMPLES = (RATE * FRAME_MS) / 1000;

/**
 * A caller who wants much for little: it can leave the agent's sound alone, and stop the packets of its microphone
 * without a word, which no honest client does.
 * @param hears whether it subscribes to what the agent says
 */
export async function joinAsFreeRider(serverUrl: string, token: string, hears: boolean) {
  const room = new Room();
  /** What was written down for it: its own words, and those of the agent. */
  const captions: string[] = [];
  room.registerTextStreamHandler('lk.transcription', async (reader) => {
    captions.push(await reader.readAll());
  });
  let hasEnded = false;
  let spoken = () => {};
  room.on(RoomEvent.Disconnected, () => {
    hasEnded = true;
    spoken();
  });
  await room.connect(serverUrl, token, { autoSubscribe: hears, dynacast: false });
  // Without a queue of its own, the source sends what it is given, and else nothing.
  const source = new AudioSource(RATE, 1, 0);
  const track = LocalAudioTrack.createAudioTrack('microphone', source);
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, dtx: false });
  await room.localParticipant?.publishTrack(track, options);

  let speech = new Int16Array(0);
  let isSending = true;
  let sentFrames = 0;
  const startMs = performance.now();
  const pump = setInterval(() => {
    for (; sentFrames * FRAME_MS < performance.now() - startMs; sentFrames++) {
      if (!isSending || hasEnded) continue;
      const frame = new Int16Array(FRAME_SAMPLES);
      frame.set(speech.subarray(0, FRAME_SAMPLES));
      speech = speech.subarray(FRAME_SAMPLES);
      source.captureFrame(new AudioFrame(frame, RATE, 1, FRAME_SAMPLES)).catch(() => {});
      if (speech.length === 0) spoken();
    }
  }, FRAME_MS / 2);
  return {
    captions,
    hasEnded: () => hasEnded,
    /** Comes back when the last sample was sent. */
    async say(samples: Int16Array): Promise<void> {
      if (hasEnded) return;
      speech = Int16Array.from(samples);
      await new Promise<void>((resolve) => {
        spoken = resolve;
      });
    },
    async type(text: string): Promise<void> {
      if (!hasEnded) await room.localParticipant?.sendText(text, { topic: 'lk.chat' });
    },
    send(isOn: boolean): void {
      isSending = isOn;
    },
    async leave(): Promise<void> {
      clearInterval(pump);
      if (!hasEnded) await room.disconnect();
    },
  };
}
