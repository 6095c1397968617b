import type { ChatMessage } from './chat-request.ts';

const TOLD = /\bmy ([a-z ]{2,30}?) is (?:called )?([^.,!?]{1,60})/i;
const ASKED = /\b(?:what(?:['’]?s| is| was)|do you (?:know|remember)|tell me) my ([a-z ]{2,30})/i;

/**
 * Remembers what the caller said about "my something", for as long as it is in the conversation.
 *
 * @param messages the last one is the caller's
 * @returns null when the caller neither tells nor asks such a thing
 */
export function answerFromMemory(messages: ChatMessage[]): string | null {
  const said = messages.at(-1)?.content ?? '';
  const asked = ASKED.exec(said)?.[1]?.trim().toLowerCase();
  if (asked) {
    const value = recall(messages.slice(0, -1), asked);
    return value ? `Your ${asked} is ${value}.` : `You have not told me your ${asked} yet.`;
  }
  const [, thing, value] = TOLD.exec(said) ?? [];
  if (!thing || !value) return null;
  return thing.toLowerCase() === 'name'
    ? `Nice to meet you, ${value.trim()}.`
    : `I will remember that your ${thing.toLowerCase()} is ${value.trim()}.`;
}

function recall(messages: ChatMessage[], thing: string): string | undefined {
  for (const { role, content } of messages.toReversed()) {
    const told = role === 'user' ? TOLD.exec(content) : null;
    if (told?.[1]?.toLowerCase() === thing) return told[2]?.trim();
  }
  return undefined;
}
