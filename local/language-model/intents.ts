import type { Intent } from './intents/intent.ts';
import { REFUSALS, TALK_INTENTS } from './intents/talk.ts';
import { CALL_INTENTS, ENDINGS, TIME_CARD_INTENTS } from './intents/tools.ts';

/** What callers say, as examples, and what to do about it. To teach the matcher something, add a row or an example. */
export const INTENTS: readonly Intent[] = [
  ...CALL_INTENTS,
  ...TIME_CARD_INTENTS,
  ...ENDINGS,
  ...REFUSALS,
  ...TALK_INTENTS,
];
