import type { Words } from '../words/words.ts';
import { type CallState, isAtDesk, isLive } from './call-state.ts';

/** Where the call stands, in words. */
export function callWords(call: CallState, { states }: Words['talk']): string {
  switch (call.phase) {
    case 'idle':
      return '';
    case 'microphone':
    case 'connecting':
    case 'reconnecting':
    case 'ended':
      return states[call.phase];
    case 'joined':
      if (call.ended) return states.goodbye;
      if (isAtDesk(call)) return states.desk;
      if (call.meter?.state === 'paused') return states.held;
      return (states.agent as Record<string, string>)[call.agent] ?? call.agent;
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

/** What is left in a call, as it is spoken: by the minute. */
export function minutesLeft(seconds: number, talk: Words['talk']): string {
  const minutes = Math.floor(seconds / 60);
  return minutes < 1 ? talk.lessThanAMinute : talk.minutesLeft(minutes);
}
