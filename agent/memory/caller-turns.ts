import type { llm } from '@livekit/agents';

export type CallerTurn = { text: string; atMs: number };

/** What the caller said, turn by turn, as the history has it: codes are masked already. Nothing that the agent said. */
export function callerTurns(history: llm.ChatContext): CallerTurn[] {
  return history.items.flatMap((item) =>
    item.type === 'message' && item.role === 'user'
      ? [{ text: item.textContent ?? '', atMs: item.createdAt }]
      : [],
  );
}
