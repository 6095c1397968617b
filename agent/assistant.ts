import { voice } from '@livekit/agents';
import { FALLBACK_LOCALE, type Locale, languageOf } from '../shared/spoken/locales.ts';
import { keepCodesSecret } from './codes/keep-codes-secret.ts';
import type { CallMemory } from './memory/call-memory.ts';
import { describeMemory } from './memory/describe-memory.ts';
import type { PaidTool } from './paid-apis/paid-tools.ts';
import { toolsFor } from './tools/all-tools.ts';
import type { CallContext } from './tools/call-context.ts';

const INSTRUCTIONS = `You are MindBot, a friendly voice assistant that people talk to on prepaid time.
You speak: one to three short sentences in plain words, no lists, markup or emoji.
Of time, prices and this call you know only what a tool answers: always ask one, never calculate.
Say the "speech" of a tool as it is.
When the caller wants to buy, make sure which package, start the purchase, and repeat package and price.
You cannot take card numbers: if the caller begins to say one, interrupt kindly and point to the page.
When the caller has an activation code, or says a part of one, call activate_code.
Never promise time, discounts or refunds. If you do not know something, say so.
Only when the caller clearly says goodbye, call end_call and say nothing: it says goodbye and hangs up.`;

const DESK_INSTRUCTIONS = `You are MindBot, a friendly voice assistant at the top-up desk.
The caller's prepaid time is used up. Nothing is billed now, and the call ends in a moment unless time is bought.
You only sell time cards, take activation codes, and say goodbye. Whatever else the caller wants, say kindly in one sentence that you go on with it as soon as there is time again.
Of prices and purchases you know only what a tool answers. Say the "speech" of a tool as it is.
When the caller wants to buy, make sure which package, start the purchase, and repeat package and price.
You cannot take card numbers: if the caller begins to say one, interrupt kindly and point to the page.
When the caller has an activation code, or says a part of one, call activate_code.
Never promise time, discounts, refunds or that the call goes on without a purchase.
When the caller wants no more time or says goodbye, call end_call and say nothing: it says goodbye and hangs up.`;

/**
 * What one assistant may have that another has not: a conversation to go on with, a caller who speaks another
 * language than English, and what earlier calls left. Never a recogniser: the session's survives its agents.
 */
export type AssistantOptions = Pick<ConstructorParameters<typeof voice.Agent>[0], 'chatCtx'> & {
  locale?: Locale;
  memory?: CallMemory;
  /** A tenant pays for the call. */
  isOfTenant?: boolean;
  /** APIs of others that this call may pay for. */
  paidTools?: readonly PaidTool[];
};

const languageNames = new Intl.DisplayNames('en', { type: 'language' });

/** Instructions stay in English, which models follow best and which is the shortest to send. */
function spokenIn(instructions: string, locale: Locale = FALLBACK_LOCALE): string {
  const language = languageOf(locale);
  if (language === languageOf(FALLBACK_LOCALE)) return instructions;
  return `${instructions}\nSpeak ${languageNames.of(language)} only, in the polite form.`;
}

/** Who the agent is: its instructions and its tools. Voice and models come with the session. */
export function createAssistant({
  locale,
  memory,
  isOfTenant = false,
  paidTools = [],
  ...options
}: AssistantOptions = {}): voice.Agent<CallContext> {
  const instructions = () => `${spokenIn(INSTRUCTIONS, locale)}\n${describeMemory(memory)}`;
  const assistant = keepCodesSecret(
    new voice.Agent<CallContext>({
      ...options,
      instructions: instructions(),
      // Without a memory that is on there is nothing that its tools could do, and nobody pays for their description; nor for that of
      // a tenant's tools where there is none.
      tools: [...toolsFor({ isDesk: false, hasMemory: memory?.isOn ?? false, isOfTenant }), ...paidTools],
    }),
  );
  if (memory) memory.onErased = () => assistant.updateInstructions(instructions());
  return assistant;
}

/** The agent after time is used up: knows the same conversation, but only sells and says goodbye. */
export function createDesk({
  locale,
  ...options
}: Pick<AssistantOptions, 'locale' | 'chatCtx'> = {}): voice.Agent<CallContext> {
  return keepCodesSecret(
    new voice.Agent<CallContext>({
      ...options,
      instructions: spokenIn(DESK_INSTRUCTIONS, locale),
      tools: toolsFor({ isDesk: true, hasMemory: false }),
    }),
  );
}
