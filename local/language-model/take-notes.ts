import { z } from 'zod';
import type { Answer } from './answer-kinds.ts';
import type { ChatRequest } from './chat-request.ts';
import { notesOf } from './notes.ts';

const material = z.object({
  known: z.array(z.object({ number: z.int(), text: z.string() })),
  said: z.array(z.string()),
});

const parsed = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'is no JSON' });
      return z.NEVER;
    }
  })
  .pipe(material);

/**
 * Notes what a caller told about themselves, as the agent asks for it after a call.
 * @returns undefined for a request about anything else, or with another schema for the answer
 */
export function takeNotes({ messages, response_format: format }: ChatRequest): Answer | undefined {
  const { success, data } = parsed.safeParse(messages.at(-1)?.content);
  if (!success) return undefined;
  const known = new Map(data.known.map(({ number, text }) => [text.toLowerCase(), number]));
  const facts = notesOf(data.said.join('\n'))
    .filter(({ text }) => !known.has(text.toLowerCase()))
    .map(({ text, kind, inPlaceOf }) => {
      const old = inPlaceOf && [...known].find(([other]) => other.startsWith(`${inPlaceOf.toLowerCase()} `));
      return { text, kind, replaces: old ? old[1] : null };
    });
  const schema = format?.type === 'json_schema' ? format.json_schema.schema : {};
  const fits = z.fromJSONSchema(schema).safeParse({ facts }).success;
  return fits ? { text: JSON.stringify({ facts }) } : undefined;
}
