import type { Answer, ChatMessage, Tool } from './chat-request.ts';
import { answerFromNotes, notesOf } from './notes.ts';

const QUESTION =
  /\b(?:what(?:['’]?s| is| was| do| am|)|where|who|do you (?:still )?(?:know|remember|recall)|tell me)\b/i;
const ABOUT_CALLER = /\b(?:i|my|me)\b/i;
const FORGET =
  /^\W*(?:(?:please|and|so|now|can you|could you)\s+)*(?:forget|erase)\s+(?:about\s+)?(?!.*\b(?:your|rules|instructions|never mind)\b)(.{2,100}?)[.!?]*$/i;
const PRIVATE =
  /(?<!\b(?:i|we|you|they|he|she) )\b(?:do not|don['’]?t|never) (?:remember|note|keep)\b|\boff the record\b|\bkeep (?:this|that|it)\b.*\bprivate\b|\bthis (?:is|call is) private\b|\bnobody (?:else )?(?:must|should) know\b/i;

type Call = { name: string; arguments: Record<string, string | boolean> };

/** The tool of memory that the caller's words ask for, if any. */
export function memoryTool(said: string): Call | null {
  const forgotten = FORGET.exec(said)?.[1];
  if (forgotten) return { name: 'forget', arguments: { what: forgotten } };
  if (!PRIVATE.test(said)) return null;
  return { name: 'keep_private', arguments: { whole_call: /\bcall\b/i.test(said) } };
}

/**
 * Answers a question about the caller: from the notes in the instructions, else with the tool that looks things up.
 * @param isAbleToRecall whether that tool is offered
 * @returns null for anything else
 */
function answerAboutCaller(
  messages: ChatMessage[],
  isAbleToRecall: boolean,
): { text: string } | { call: Call } | null {
  const said = messages.at(-1)?.content ?? '';
  const question = said.split(/(?<=[.!?])\s+/).find((part) => QUESTION.test(part) && ABOUT_CALLER.test(part));
  if (question === undefined) return null;
  const text = answerFromNotes(messages, question);
  if (text) return { text };
  const isOfMemory = /\b(?:remember|recall)\b|^\W*(?:what|where|who)\b.*\b(?:my|i)\b/i.test(question);
  return isAbleToRecall && isOfMemory ? { call: { name: 'recall', arguments: { about: question } } } : null;
}

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
