import { spokenDuration } from '../../shared/units.ts';
import type { StopReason } from './meter-options.ts';

/** What the agent says by itself, whatever the model does. */

/** What is added to the balance where time is about to expire; else nothing. */
export const expiryNote = (expiringSeconds: number) =>
  expiringSeconds > 0 ? ` Within a week, ${spokenDuration(expiringSeconds)} of it will expire.` : '';

export const greeting = (remainingSeconds: number, expiringSeconds: number) =>
  `Hello, this is MindBot. You have ${spokenDuration(remainingSeconds)}.${expiryNote(expiringSeconds)} What can I do for you?`;

export const WELCOME_BACK = 'There you are. Please go on.';

export const APOLOGY = 'Sorry, I could not think of an answer just now. Could you say that again?';

export const ARE_YOU_THERE = 'Are you still there?';

export const OTHER_CALL = 'Just so you know, another call is using the same balance right now.';

export const timeAdded = (remainingSeconds: number) =>
  `Your new time has arrived. You have ${spokenDuration(remainingSeconds)} now.`;

export const deskOpens = (freeSeconds: number) =>
  `Your time is used up. I stay for ${spokenDuration(freeSeconds)} more, free of charge. Would you like to buy more time?`;

export const thanksForTime = (remainingSeconds: number) =>
  `Thank you! You have ${spokenDuration(remainingSeconds)} now. Where were we?`;

export const FAREWELL = 'Goodbye, and thank you for calling.';

export const GOODBYES: Record<
  Exclude<StopReason, 'fenced'> | 'silence' | 'provider_outage' | 'conversation_failed',
  string
> = {
  time_used_up:
    'Your time is used up now, so I have to say goodbye. You can buy more time on the page. Take care!',
  billing_unreachable:
    'I am sorry, I cannot reach your account right now, so I have to let you go. Nothing beyond this was charged. Goodbye!',
  silence: 'I hear nothing, so I say goodbye now. Call again whenever you like!',
  provider_outage:
    'I am sorry, something on our side does not work right now, so I have to let you go. You do not pay for this. Please call again later. Goodbye!',
  conversation_failed:
    'I am sorry, something went wrong on our side. Your time is safe. Please call again. Goodbye!',
};
