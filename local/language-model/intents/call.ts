import type { Intent } from './intent.ts';

/** About the call, and its time. */
export const CALL_INTENTS: readonly Intent[] = [
  {
    name: 'balance',
    tool: 'check_time_balance',
    offer: 'tell you how much time you have left',
    examples: [
      'how much time do i have left',
      'how much time do i have',
      'how much time is left',
      'how many minutes do i have left',
      'how many hours do i have',
      'what is my balance',
      'check my time balance',
      'minutes left',
      'how many minutes are on my card',
      'time left on my card',
      'my remaining time',
      'how long can we still talk',
      'when does my time run out',
      'when does the call end',
      'how long will my time last',
    ],
  },
  {
    name: 'cost',
    tool: 'estimate_session_cost',
    offer: 'tell you what this call has cost so far',
    examples: [
      'what has this call cost so far',
      'what did this call cost',
      'what does this call cost',
      'how much is this call',
      'cost so far',
      'how much have i spent on this call',
      'how much time have i used so far',
      'session cost',
      'what did i pay for talking to you today',
      'how expensive is this call',
    ],
  },
];
