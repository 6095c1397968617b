import type { llm } from '@livekit/agents';
import { leaveOutSecrets } from '../../shared/secrets/leave-out-secrets.ts';
import { asksForPrivacy } from './asks-for-privacy.ts';
import type { CallMemory } from './call-memory.ts';

type CallerTurn = { text: string; atMs: number };

/** What the caller said, turn by turn, as the history has it: codes are masked already. Nothing that the agent said. */
export function callerTurns(history: llm.ChatContext): CallerTurn[] {
  return history.items.flatMap((item) =>
    item.type === 'message' && item.role === 'user'
      ? [{ text: item.textContent ?? '', atMs: item.createdAt }]
      : [],
  );
}

/**
 * So much of a long call is read, its end: it bounds what a memory costs and how long it takes, and what somebody said
 * last is what holds.
 */
const MOST_CHARACTERS = 6_000;

/** What of a call memory may read: the caller's own words, turn by turn, without what is private or secret. */
export function callerWords(history: llm.ChatContext, memory: CallMemory): string[] {
  const turns = callerTurns(history);
  const wish = turns.findIndex(({ text }) => asksForPrivacy(text));
  // The wish comes behind what it is about, or in one breath with it.
  const open = wish < 0 ? turns : turns.slice(0, Math.max(0, wish - 1));
  const words = leaveOutSecrets(open.filter(({ atMs }) => memory.mayRead(atMs)).map(({ text }) => text));
  let left = MOST_CHARACTERS;
  const from = words.findLastIndex((turn) => {
    left -= turn.length;
    return left < 0;
  });
  return words.slice(from + 1);
}
