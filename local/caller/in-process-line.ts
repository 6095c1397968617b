import type { CallMessage } from '../../shared/api/calls.ts';
import type { AudioListener, SyntheticCaller } from './caller.ts';
import { MessageLog } from './message-log.ts';
import { Microphone } from './microphone.ts';
import { Speaker } from './speaker.ts';

type Presence = 'awaited' | 'present' | 'cut' | 'left';

const MICROPHONE_RATE = 16_000;
const SPEAKER_RATE = 24_000;

/**
 * A line without a media server: the caller and the agent are in one process, and audio goes from one to
 * the other at the pace of real time. The same call code runs on it as on a LiveKit room.
 */
export function createInProcessLine(onAudio?: AudioListener) {
  const microphone = onAudio && new Microphone(MICROPHONE_RATE);
  const speaker = onAudio && new Speaker(SPEAKER_RATE, onAudio);
  const listeners: ((presence: Presence) => void)[] = [];
  const log = new MessageLog();
  let presence: Presence = 'present';
  const move = (next: Presence) => {
    if (presence === 'left' || presence === next) return;
    presence = next;
    for (const listener of listeners) listener(next);
  };
  const line = {
    presence: () => presence,
    onPresence(listener: (presence: Presence) => void) {
      listeners.push(listener);
    },
    send(message: CallMessage) {
      log.add(message);
    },
    async hangUp() {
      presence = 'left';
      speaker?.close();
      await microphone?.close();
    },
  };
  const caller: SyntheticCaller = {
    messages: log.messages,
    meterStoppedAtMs: () => log.meterStoppedAtMs,
    async speak(samples, sampleRate) {
      if (sampleRate !== MICROPHONE_RATE) throw new RangeError(`The microphone takes ${MICROPHONE_RATE} Hz.`);
      await microphone?.play(samples);
    },
    async hangUp() {
      move('left');
    },
  };
  return { line, caller, microphone, speaker, setPresence: move };
}
