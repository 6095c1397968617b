import type { Answer } from './answer-kinds.ts';
import type { ChatMessage, Tool } from './chat-request.ts';
import { answerAboutCaller } from './memory-requests.ts';
import { notesOf } from './notes.ts';

const TOLD = /\bmy ([a-z ]{2,30}?) is (?:called )?([^.,!?]{1,60})/i;
const ASKED = /\b(?:what(?:['’]?s| is| was)|do you (?:know|remember)|tell me) my ([a-z ]{2,30})/i;

/**
 * Remembers what the caller said about "my something", for as long as it is in the conversation, and knows of earlier
 * ones what the instructions or the tools hold.
 *
 * @param messages the last one is the caller's
 * @returns null when the caller neither tells nor asks such a thing
 */
export function answerFromMemory(messages: ChatMessage[], tools: Tool[]): Answer | null {
  const said = messages.at(-1)?.content ?? '';
  const asked = ASKED.exec(said)?.[1]?.trim().toLowerCase();
  const known = asked && recall(messages.slice(0, -1), asked);
  if (known) return { text: `Your ${asked} is ${known}.` };
  const isAbleToRecall = tools.some(({ name }) => name === 'recall');
  const earlier = answerAboutCaller(messages, isAbleToRecall);
  if (earlier) return earlier;
  if (asked) return { text: `You have not told me your ${asked} yet.` };
  const [, thing, value] = TOLD.exec(said) ?? [];
  if (!thing || !value) return notesOf(said).length > 0 ? { text: 'Good to know.' } : null;
  return thing.toLowerCase() === 'name'
    ? { text: `Nice to meet you, ${value.trim()}.` }
    : { text: `I will remember that your ${thing.toLowerCase()} is ${value.trim()}.` };
}

function recall(messages: ChatMessage[], thing: string): string | undefined {
  for (const { role, content } of messages.toReversed()) {
    const told = role === 'user' ? TOLD.exec(content) : null;
    if (told?.[1]?.toLowerCase() === thing) return told[2]?.trim();
  }
  return undefined;
}
