import { z } from 'zod';
import type { Answer, ChatMessage, ChatRequest, Tool } from './chat-request.ts';
import { INTENTS } from './intents.ts';
import { type Match, matchIntent } from './match-intent.ts';
import { answerFromMemory, memoryTool } from './memory.ts';
import { speakToolOutputs } from './speak-tool-outputs.ts';
import { PACKAGE_NAMES } from './spoken-words.ts';

/** Of which callers' words are known, by the intents or otherwise. */
const KNOWN_TOOLS = new Set([...INTENTS.map(({ tool }) => tool), 'recall', 'forget', 'keep_private']);

/** Decides the next turn of a conversation. The same request always gets the same answer. */
export function answer({ messages, tools, tool_choice: choice }: ChatRequest): Answer {
  const allowed = tools
    .map((tool) => tool.function)
    .filter(({ name }) => choice !== 'none' && (typeof choice === 'string' || choice.function.name === name));
  const last = messages.at(-1);
  if (last?.role === 'tool') return { text: speakToolOutputs(messages) };
  if (last?.role !== 'user') return { text: speakFirst(messages) };
  const memory = memoryTool(last.content);
  if (memory && allowed.some(({ name }) => name === memory.name)) return { call: memory };
  const match = matchIntent(
    last.content,
    allowed.filter(({ name }) => !KNOWN_TOOLS.has(name)),
  );
  const tool = match && toolFor(match, messages);
  const isAble = allowed.some(({ name }) => name === tool);
  if (tool && (isAble || !match.intent.reply)) return callTool(tool, slotsOf(match), allowed);
  // A question that fits an intent is that, whoever it is about: "What are my options?"
  const isAboutCaller = match === null || match.intent.name === 'recall';
  const remembered = isAboutCaller ? answerFromMemory(messages, allowed) : null;
  if (remembered) return remembered;
  return match
    ? smallTalk(match, messages, allowed)
    : { text: `I did not get that. ${describeHelp(allowed)}` };
}

/**
 * An answer that calls a tool, where the request says that one has to be called.
 * @returns null where nothing tells the arguments that it needs
 */
export function forcedCall(
  { messages, tools, tool_choice: choice }: ChatRequest,
  given: Answer,
): Answer | null {
  if (choice === 'none' || choice === 'auto' || 'call' in given) return given;
  const allowed = tools
    .map((tool) => tool.function)
    .filter(({ name }) => choice === 'required' || choice.function.name === name);
  const said = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  const match = matchIntent(said, allowed);
  const calls = allowed.map(({ name }) => callTool(name, match === null ? {} : slotsOf(match), allowed));
  return calls.find((call) => 'call' in call) ?? null;
}

/** What a sentence tells a tool, besides which one it is. */
function slotsOf({ intent, packageId }: Match): Record<string, string> {
  if (intent.name === 'yes' || intent.name === 'no') return { answer: intent.name };
  return packageId ? { package_id: packageId } : {};
}

/** A yes or no belongs to the question before it; and whoever wants no more time when it is used up says goodbye. */
function toolFor({ intent }: Match, messages: ChatMessage[]): string | undefined {
  const isAnswer = intent.name === 'yes' || intent.name === 'no';
  if (isAnswer && /shall i activate it\?/i.test(lastSpoken(messages))) return 'activate_code';
  if (isAnswer && /shall i forget\b/i.test(lastSpoken(messages))) return 'forget';
  return intent.name === 'no' && isOutOfTime(messages) ? 'end_call' : intent.tool;
}

function isOutOfTime(messages: ChatMessage[]): boolean {
  const aboutTime = messages.findLast(
    ({ role, content }) =>
      role === 'assistant' && /\btime is used up\b|^thank you! you have\b/i.test(content),
  );
  return aboutTime?.content.includes('used up') ?? false;
}

function callTool(name: string, slots: Record<string, string>, tools: Tool[]): Answer {
  const tool = tools.find((offered) => offered.name === name);
  if (!tool) return { text: `I cannot do that right now. ${describeHelp(tools)}` };
  const schema = tool.parameters ? z.fromJSONSchema(tool.parameters) : z.object({});
  const candidates = [{}, slots];
  const valid = candidates.findLast((candidate) => schema.safeParse(candidate).success);
  if (valid) return { call: { name, arguments: valid } };
  return slots.package_id ? { text: 'We do not sell that package.' } : { text: whichPackage() };
}

function smallTalk({ intent }: Match, messages: ChatMessage[], tools: Tool[]): Answer {
  if (intent.reply) return { text: intent.reply };
  if (intent.name === 'identity') return { text: `${introduction(messages)} I am a computer.` };
  if (intent.name === 'yes' && /buy|package|top up|more time/i.test(lastSpoken(messages))) {
    return { text: whichPackage() };
  }
  return { text: describeHelp(tools) };
}

function speakFirst(messages: ChatMessage[]): string {
  return lastSpoken(messages) === ''
    ? `Hello! ${introduction(messages)} What can I do for you?`
    : 'I am still here. What can I do for you?';
}

/** The assistant's name is in its instructions: "You are MindBot, ...". */
function introduction(messages: ChatMessage[]): string {
  const instructions = messages.filter(({ role }) => role === 'system' || role === 'developer');
  const name = instructions.map(({ content }) => /\bYou are ([A-Z]\w+)/.exec(content)?.[1]).find(Boolean);
  return name ? `This is ${name}.` : 'I am your assistant.';
}

function lastSpoken(messages: ChatMessage[]): string {
  return messages.findLast(({ role, content }) => role === 'assistant' && content !== '')?.content ?? '';
}

function describeHelp(tools: Tool[]): string {
  const offers = INTENTS.filter(({ tool }) => tools.some(({ name }) => name === tool)).map(
    ({ offer }) => offer ?? '',
  );
  if (offers.length === 0) return 'Let us just talk a little.';
  return `I can ${new Intl.ListFormat('en', { type: 'disjunction' }).format(offers)}.`;
}

function whichPackage(): string {
  const names = Object.keys(PACKAGE_NAMES).map((id) => id[0]?.toUpperCase() + id.slice(1));
  return `Which package would you like: ${new Intl.ListFormat('en', { type: 'disjunction' }).format(names)}?`;
}
