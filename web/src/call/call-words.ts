import type { CallState } from './call-state.ts';

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
      if (call.meter?.state === 'paused') return 'On hold. This time is free.';
      return AGENT[call.agent] ?? call.agent;
  }
}

const ENDINGS: [pattern: RegExp, words: string][] = [
  [/hung_up|caller|participant_disconnected|user_/, 'You hung up.'],
  [/balance|exhaust|no_time|used_up|out_of_time/, 'Your time was used up.'],
  [/fenced|duplicate/, 'The call went on in another place.'],
  [/goodbye|agent|completed|finished/, 'The assistant said goodbye.'],
  [/lost|connection|timeout|away/, 'The connection was lost.'],
];

/** An end reason (a word such as `balance_exhausted`) as a sentence; unknown ones are shown as they are. */
export function endingWords(reason: string): string {
  const known = ENDINGS.find(([pattern]) => pattern.test(reason));
  return known ? known[1] : `${reason.replaceAll('_', ' ')}.`;
}
