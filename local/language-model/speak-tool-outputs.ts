import { z } from 'zod';
import type { ChatMessage } from './chat-request.ts';

const APOLOGY = 'I am sorry, that did not work. Please try again in a moment.';

const spoken = z.looseObject({ speech: z.string() });
const failed = z.looseObject({ error: z.unknown() }).refine(({ error }) => Boolean(error));
/** What LiveKit Agents puts in place of an exception inside a tool. */
const INTERNAL_ERROR = /^(an internal )?error\b/i;

/** Says what the tools of the last turn have answered: the `speech` of each, or its text as it is. */
export function speakToolOutputs(messages: ChatMessage[]): string {
  const first = messages.findLastIndex(({ role }) => role !== 'tool') + 1;
  const outputs = messages.slice(first).map(({ content }) => speakOutput(content));
  return [...new Set(outputs)].join(' ');
}

function speakOutput(content: string): string {
  const output = parseJson(content);
  const speech = spoken.safeParse(output);
  if (speech.success) return speech.data.speech;
  if (failed.safeParse(output).success) return APOLOGY;
  const text = typeof output === 'string' ? output : content;
  if (INTERNAL_ERROR.test(text)) return APOLOGY;
  return text === '' ? 'Done.' : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not every tool answers in JSON; its text is then spoken as it is.
    return undefined;
  }
}
