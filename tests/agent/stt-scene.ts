import { setTimeout as sleep } from 'node:timers/promises';
import { stt } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { spokenCaller } from '../../agent/person/caller-profile.ts';
import { LISTEN_DEADLINES, type ListenDeadlines } from '../../agent/speech/stt/listen-connection.ts';
import { createStt } from '../../agent/speech/stt/stt.ts';
import type { Clock } from '../../shared/clock.ts';
import { loadConfig } from '../../shared/config/load-config.ts';
import { callVariables } from '../../shared/config/variables.ts';
import { patience } from '../support/patience.ts';
import { RATE } from './heard-audio.ts';

const FRAME = RATE / 50;

export const sttConfig = (settings: Record<string, string>) =>
  loadConfig(callVariables, {
    SUPABASE_URL: 'http://127.0.0.1:1',
    SUPABASE_SERVICE_ROLE_KEY: 'not used by this test',
    OPENAI_API_KEY: 'key',
    DEEPGRAM_API_KEY: 'deepgram-secret-key',
    ...settings,
  });

/** Time that passes faster by a factor, and knows how many timers are set. */
function fastClock(speed: number): Clock & { pending(): number } {
  const timers = new Set<NodeJS.Timeout>();
  return {
    nowMs: () => performance.now() * speed,
    after(delayMs, callback) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        callback();
      }, delayMs / speed);
      timers.add(timer);
      return () => {
        timers.delete(timer);
        clearTimeout(timer);
      };
    },
    pending: () => timers.size,
  };
}

/** Follows what a stream of the framework tells. */
export function followStream(stream: stt.SpeechStream, speed: number) {
  const events: stt.SpeechEvent[] = [];
  const ended = (async () => {
    for await (const event of stream) events.push(event);
  })();
  const of = (type: stt.SpeechEventType) => events.filter((event) => event.type === type);
  const words = () =>
    of(stt.SpeechEventType.FINAL_TRANSCRIPT).flatMap(
      (event) => event.alternatives?.[0].text.split(' ') ?? [],
    );
  return {
    events,
    ended,
    words,
    starts: () => of(stt.SpeechEventType.START_OF_SPEECH).length,
    ends: () => of(stt.SpeechEventType.END_OF_SPEECH).length,
    /** Speaks at the pace of the clock. */
    async speak(...parts: Int16Array[]): Promise<void> {
      const startMs = performance.now();
      let sentMs = 0;
      for (const samples of parts) {
        for (let at = 0; at < samples.length; at += FRAME) {
          const frame = new Int16Array(FRAME);
          frame.set(samples.subarray(at, at + FRAME));
          stream.pushFrame(new AudioFrame(frame, RATE, 1, FRAME));
          sentMs += 20 / speed;
          const aheadMs = sentMs - (performance.now() - startMs);
          if (aheadMs > 5) await sleep(aheadMs);
        }
      }
    },
    async until(isSo: () => boolean, deadlineMs = patience(8_000)): Promise<void> {
      const endMs = performance.now() + deadlineMs;
      while (!isSo() && performance.now() < endMs) await sleep(5);
    },
  };
}

/** The recogniser with everything around it that a test wants to look at. */
export function sttScene(
  settings: Record<string, string>,
  { speed = 8, deadlines = {} }: { speed?: number; deadlines?: Partial<ListenDeadlines> } = {},
) {
  const clock = fastClock(speed);
  const outages: { sinceMs: number; backMs?: number }[] = [];
  const ownStt = createStt(sttConfig(settings), spokenCaller(sttConfig(settings)), {
    clock,
    // A handshake takes as long as the machine is busy, however fast the clock is.
    deadlines: { ...LISTEN_DEADLINES, openMs: 2_000 * speed, ...deadlines },
    random: () => 0.5,
    onLost: (sinceMs) => void outages.push({ sinceMs }),
    onBack: () => {
      const last = outages.at(-1);
      if (last) last.backMs = clock.nowMs();
    },
  });
  const stream = ownStt.stream();
  const errors: Error[] = [];
  ownStt.on('error', ({ error }) => errors.push(error));
  return { clock, ownStt, stream, outages, errors, ...followStream(stream, speed) };
}
