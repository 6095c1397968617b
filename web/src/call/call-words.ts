import { endWords } from '../../../shared/api/call-words.ts';
import type { Words } from '../words/words.ts';
import { type CallState, isAtDesk, isLive } from './call-state.ts';

const AGENT: Record<string, string> = {
  absent: 'Waiting for the assistant …',
  initializing: 'The assistant is getting ready …',
  idle: 'Listening',
  listening: 'Listening',
  thinking: 'Thinking …',
  speaking: 'Speaking',
  left: 'The assistant has gone. It may come back.',
};

/** Where the call stands, in words. */
export function callWords(call: CallState): string {
  switch (call.phase) {
    case 'idle':
      return '';
    case 'microphone':
      return 'Waiting for the microphone …';
    case 'connecting':
      return 'Connecting …';
    case 'reconnecting':
      return 'Connection lost. Reconnecting …';
    case 'ended':
      return 'The call has ended.';
    case 'joined':
      if (call.ended) return 'Goodbye.';
      if (isAtDesk(call)) return 'Your time is used up. This part is free.';
      if (call.meter?.state === 'paused') return 'On hold. This time is free.';
      return AGENT[call.agent] ?? call.agent;
  }
}

export type Mood = 'rest' | 'waiting' | 'listening' | 'thinking' | 'speaking' | 'held';

const MOODS: Record<string, Mood> = {
  idle: 'listening',
  listening: 'listening',
  thinking: 'thinking',
  speaking: 'speaking',
};

/** The same for the eye. */
export function moodOf(call: CallState): Mood {
  if (!isLive(call)) return 'rest';
  if (call.phase !== 'joined') return 'waiting';
  if (call.meter?.state === 'paused') return 'held';
  return MOODS[call.agent] ?? 'waiting';
}

/** What only the connection says, when the agent's own reason did not come. */
const ENDINGS: Record<string, string> = {
  hung_up: 'You hung up.',
  duplicate_identity: 'The call went on in another place.',
  agent_ended_the_call: 'The assistant said goodbye.',
  connection_lost: 'The connection was lost.',
};

/** Why the call ended, as a sentence; unknown reasons are shown as they are. */
export function endingWords(reason: string): string {
  return ENDINGS[reason] ?? endWords(reason);
}

/** What is left in a call, as it is spoken: by the minute. */
export function minutesLeft(seconds: number, talk: Words['talk']): string {
  const minutes = Math.floor(seconds / 60);
  return minutes < 1 ? talk.lessThanAMinute : talk.minutesLeft(minutes);
}
