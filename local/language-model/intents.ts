import { CALL_INTENTS } from './intents/call.ts';
import { ENDINGS } from './intents/endings.ts';
import type { Intent } from './intents/intent.ts';
import { REFUSALS } from './intents/refusals.ts';
import { TALK_INTENTS } from './intents/talk.ts';
import { TIME_CARD_INTENTS } from './intents/time-cards.ts';

/** What callers say, as examples, and what to do about it. To teach the matcher something, add a row or an example. */
export const INTENTS: readonly Intent[] = [
  ...CALL_INTENTS,
  ...TIME_CARD_INTENTS,
  ...ENDINGS,
  ...REFUSALS,
  ...TALK_INTENTS,
];
