import { randomUUID } from 'node:crypto';
import { llm } from '@livekit/agents';
import { z } from 'zod';

/** What no sentence has that is spoken: the opening of JSON, of a block of code, or of a tag around a call. */
const CODE = /[{}]|```|<\/?(?:tool|function|invoke)|<\|/;

/** A call as models write it that were trained on one form or another. */
const written = z
  .looseObject({
    name: z.string().optional(),
    tool: z.string().optional(),
    tool_name: z.string().optional(),
    function: z
      .union([z.string(), z.looseObject({ name: z.string(), arguments: z.unknown().optional() })])
      .optional(),
    arguments: z.unknown().optional(),
    parameters: z.unknown().optional(),
    args: z.unknown().optional(),
    input: z.unknown().optional(),
  })
  .transform((call) => {
    const inner = typeof call.function === 'object' ? call.function : undefined;
    const named = typeof call.function === 'string' ? call.function : undefined;
    return {
      name: inner?.name ?? call.name ?? call.tool ?? call.tool_name ?? named,
      given: inner?.arguments ?? call.arguments ?? call.parameters ?? call.args ?? call.input ?? {},
    };
  });

export type WrittenCall = { name: string; args: string };

/** The end of the brackets that open at `from`, outside of strings; undefined when they do not close. */
function closing(text: string, from: number): number | undefined {
  let depth = 0;
  let isString = false;
  for (let at = from; at < text.length; at++) {
    const symbol = text[at];
    if (isString) {
      if (symbol === '\\') at++;
      else if (symbol === '"') isString = false;
    } else if (symbol === '"') isString = true;
    else if (symbol === '{') depth++;
    else if (symbol === '}' && --depth === 0) return at + 1;
  }
  return undefined;
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

function asCall(value: unknown, names: readonly string[]): WrittenCall | undefined {
  const { name, given } = written.safeParse(value).data ?? {};
  if (name === undefined || !names.includes(name)) return undefined;
  // Some write the arguments as text within the JSON, as the API itself does.
  const args = typeof given === 'string' ? parsed(given) : given;
  const isObject = typeof args === 'object' && args !== null && !Array.isArray(args);
  return isObject ? { name, args: JSON.stringify(args) } : undefined;
}

/** `check_time_balance()`, `estimate_session_cost({"minutes": 5})`, or the name and nothing else. */
function namedCalls(text: string, names: readonly string[]): WrittenCall[] {
  return names.flatMap((name) => {
    const found = new RegExp(`(?<![\\w.])${name}(?:\\s*\\(\\s*(\\{.*\\})?\\s*\\)|[\`.\\s]*$)`, 's').exec(
      text,
    );
    if (!found) return [];
    const args = found[1] === undefined ? {} : parsed(found[1]);
    return args === undefined ? [] : [{ name, args: JSON.stringify(args) }];
  });
}

const isSame = (one: WrittenCall, other: WrittenCall) => one.name === other.name && one.args === other.args;

/** The calls of our tools that a model has written down instead of making them. */
export function readWrittenCalls(text: string, names: readonly string[]): WrittenCall[] {
  const calls: WrittenCall[] = [];
  for (let at = text.indexOf('{'); at !== -1; at = text.indexOf('{', at)) {
    const end = closing(text, at);
    const call = end === undefined ? undefined : asCall(parsed(text.slice(at, end)), names);
    if (call) calls.push(call);
    at = call && end !== undefined ? end : at + 1;
  }
  const found = calls.length > 0 ? calls : namedCalls(text, names);
  // Some write the same call twice, once in a block of code and once without.
  return found.filter((one, at) => found.findIndex((other) => isSame(one, other)) === at);
}

/**
 * What of an answer may be spoken. Words pass as they come, the last one when the next begins; from the first piece of
 * code or name of a tool on everything is held back, because nobody knows yet what it will be.
 */
class SpeakableAnswer {
  readonly #names: readonly string[];
  #held = '';
  #isHolding = false;

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** @returns what may be spoken now */
  take(text: string): string {
    this.#held += text;
    if (this.#isHolding) return '';
    const from = this.#suspiciousFrom();
    if (from === undefined) return this.#release(Math.max(this.#held.search(/\S*$/), 0));
    this.#isHolding = true;
    return this.#release(from);
  }

  /** The answer is over. @returns what is left to be spoken, and the calls that were written */
  end(): { text: string; calls: WrittenCall[]; isCode: boolean } {
    const text = this.#release(this.#held.length);
    const calls = this.#isHolding ? readWrittenCalls(text, this.#names) : [];
    const isCode = calls.length > 0 || CODE.test(text);
    return { text: isCode ? '' : text, calls, isCode };
  }

  #release(length: number): string {
    const released = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    return released;
  }

  /** Where the word begins that is code, or a tool's name. */
  #suspiciousFrom(): number | undefined {
    for (const { 0: word, index } of this.#held.matchAll(/\S+/g)) {
      const isName = this.#names.some((name) => word.includes(name));
      if (CODE.test(word) || isName) return index;
    }
    return undefined;
  }
}

/** An answer of which nothing could be spoken, and nothing done. */
export class NothingToSay extends Error {}

/**
 * Passes an answer on without what is not for the ear: a call of one of our tools that was written as text is made,
 * other JSON is left out.
 * @throws NothingToSay when nothing remains: the model has to be asked again
 */
export async function* withoutWrittenCalls(
  chunks: AsyncIterable<llm.ChatChunk>,
  names: readonly string[],
): AsyncGenerator<llm.ChatChunk> {
  const answer = new SpeakableAnswer(names);
  let id = '';
  let hasSaid = false;
  let hasActed = false;
  let usage: llm.ChatChunk | undefined;
  for await (const chunk of chunks) {
    id = chunk.id;
    if (chunk.usage && !chunk.delta) {
      usage = chunk;
      continue;
    }
    const { delta } = chunk;
    const content = delta?.content ? answer.take(delta.content) : '';
    if (!delta || (content === '' && delta.content && !delta.toolCalls?.length)) continue;
    hasSaid ||= content.trim() !== '';
    hasActed ||= Boolean(delta.toolCalls?.length);
    yield delta.content === undefined ? chunk : { ...chunk, delta: { ...delta, content } };
  }
  const { text, calls, isCode } = answer.end();
  if (text !== '') yield { id, delta: { role: 'assistant', content: text } };
  if (calls.length > 0 && !hasActed) yield { id, delta: { role: 'assistant', toolCalls: calls.map(toCall) } };
  if (usage) yield usage;
  if (isCode && calls.length === 0 && !hasSaid && !hasActed)
    throw new NothingToSay('an answer that was not for the ear');
}

const toCall = ({ name, args }: WrittenCall): llm.FunctionCall =>
  llm.FunctionCall.create({ callId: `written_${randomUUID()}`, name, args });
