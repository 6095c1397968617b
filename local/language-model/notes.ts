import { z } from 'zod';
import type { Answer, ChatMessage, ChatRequest } from './chat-request.ts';

/** What people tell about themselves, how it is noted, and how they ask for it. To teach it something, add a row. */
interface Subject {
  told: RegExp;
  /** The note is this and what was told. */
  note: string;
  kind: 'fact' | 'preference';
  /** Whether a new value takes the place of the old one. */
  single: boolean;
  asked: RegExp;
  /** The answer is this and what was told. */
  answer: string;
}

/** Up to the end of the sentence, or to where the next thing is told. */
const VALUE = '(?<value>[^.,!?;]{1,80}?)(?=\\s+(?:and|but|so)\\s+(?:i|my)\\b|[.,!?;]|$)';
const told = (beginning: string) => new RegExp(`\\b(?:${beginning})\\s+${VALUE}`, 'i');

const SUBJECTS: readonly Subject[] = [
  {
    told: told("my name is(?: called)?|call me|i am called|i['’]m called"),
    note: 'Name is',
    kind: 'fact',
    single: true,
    asked: /\bmy name\b|\bwho i am\b|\bwho am i\b|\bi am called\b/i,
    answer: 'Your name is',
  },
  {
    told: told('i live in'),
    note: 'Lives in',
    kind: 'fact',
    single: true,
    asked: /\b(?:where (?:do )?i live|my (?:city|town|home))\b/i,
    answer: 'You live in',
  },
  {
    told: told('i work as(?: an?)?'),
    note: 'Works as',
    kind: 'fact',
    single: true,
    asked: /\b(?:what (?:do )?i (?:do|work)|what i do|my (?:job|work|profession))\b/i,
    answer: 'You work as',
  },
  {
    told: told("i am learning|i['’]m learning"),
    note: 'Is learning',
    kind: 'fact',
    single: false,
    asked: /\bwhat (?:am i|i am|i['’]m) learning\b/i,
    answer: 'You are learning',
  },
  {
    told: told('i prefer'),
    note: 'Prefers',
    kind: 'preference',
    single: false,
    asked: /\bwhat (?:do )?i prefer\b/i,
    answer: 'You prefer',
  },
  {
    told: told('i (?:really |also )?(?:like|love|enjoy)'),
    note: 'Likes',
    kind: 'preference',
    single: false,
    asked: /\bwhat (?:do )?i (?:like|love|enjoy)\b/i,
    answer: 'You like',
  },
];

const FAVORITE = new RegExp(`\\bmy (?<note>favou?rite [a-z]{2,20}) is\\s+${VALUE}`, 'i');
const ASKED_FAVORITE = /\bmy (favou?rite [a-z]{2,20})\b/i;
const TO_REMEMBER = /^\W*(?:(?:please|and|so|but)\s+)*remember\s+(?:that\s+)?(?<value>[^.!?]{3,120})/i;

export interface Note {
  text: string;
  kind: 'fact' | 'preference';
  /** How a note begins whose place this one takes. */
  inPlaceOf: string | undefined;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();

/** What somebody told about themselves in a sentence. */
function notesIn(sentence: string): Note[] {
  if (/\?\s*$/.test(sentence)) return [];
  const favorite = FAVORITE.exec(sentence)?.groups;
  if (favorite) {
    const beginning = `${capital(favorite.note ?? '')} is`;
    return [{ text: `${beginning} ${favorite.value?.trim()}`, kind: 'preference', inPlaceOf: beginning }];
  }
  const notes = SUBJECTS.flatMap(({ told: pattern, note, kind, single }): Note[] => {
    const value = pattern.exec(sentence)?.groups?.value?.trim();
    return value ? [{ text: `${note} ${value}`, kind, inPlaceOf: single ? note : undefined }] : [];
  });
  const value = TO_REMEMBER.exec(sentence)?.groups?.value?.trim();
  if (notes.length > 0 || !value) return notes;
  return [{ text: `Wants remembered: ${value}`, kind: 'fact', inPlaceOf: undefined }];
}

export function notesOf(said: string): Note[] {
  return said.split(/(?<=[.!?])\s+|\n/).flatMap(notesIn);
}

const quoted = z.string();

/** The notes in the instructions: lines of a dash and a text between quotes. */
function knownNotes(messages: ChatMessage[]): string[] {
  const instructions = messages.filter(({ role }) => role === 'system' || role === 'developer');
  const lines = instructions.flatMap(({ content }) => content.match(/^- ".*"$/gm) ?? []);
  return lines.map((line) => quoted.parse(JSON.parse(line.slice(2))));
}

/**
 * Answers from the notes in the instructions.
 * @param asked what the caller wants to know
 * @returns null where they do not tell
 */
export function answerFromNotes(messages: ChatMessage[], asked: string): string | null {
  const notes = knownNotes(messages);
  if (/\b(?:about me|of me)\b/i.test(asked)) {
    return notes.length === 0 ? 'I know nothing about you yet.' : `I remember this: ${notes.join('. ')}.`;
  }
  const favorite = ASKED_FAVORITE.exec(asked)?.[1]?.toLowerCase();
  const subject = SUBJECTS.find((candidate) => candidate.asked.test(asked));
  const beginning = favorite ? `${favorite} is` : subject?.note.toLowerCase();
  if (beginning === undefined) return null;
  const values = notes
    .filter((note) => note.toLowerCase().startsWith(`${beginning} `))
    .map((note) => note.slice(beginning.length + 1));
  if (values.length === 0) return null;
  return `${favorite ? `Your ${beginning}` : subject?.answer} ${values.join(' and ')}.`;
}

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
