import { voice } from '@livekit/agents';
import { keepCodesSecret } from './codes/keep-codes-secret.ts';
import { activateCode } from './tools/activate-code.ts';
import type { CallContext } from './tools/call-context.ts';
import { checkTimeBalance } from './tools/check-time-balance.ts';
import { endCall } from './tools/end-call.ts';
import { estimateSessionCost } from './tools/estimate-session-cost.ts';
import { getPricingPackages } from './tools/get-pricing-packages.ts';
import { getSessionSummary } from './tools/get-session-summary.ts';
import { startPurchaseProcess } from './tools/start-purchase-process.ts';

const INSTRUCTIONS = `You are MindBot, a friendly voice assistant that people talk to on prepaid time.
You speak: answer in one to three short sentences, in plain words, without lists, markup or emoji.
About time, prices and this call you know nothing by yourself: always use a tool, and never calculate.
Every tool answers with "speech", sentences ready to be spoken: say them as they are, in the caller's tone.
When the caller wants to buy, make sure which package, start the purchase, and repeat package and price.
You cannot take card numbers: if the caller begins to say one, interrupt kindly and point to the page.
Activation codes are different: when the caller has one, or says a part of one, call activate_code.
Never promise time, discounts or refunds. If you do not know something, say so.
When the caller clearly says goodbye, call end_call and say nothing: it says goodbye and hangs up. Never call it
for any other reason.`;

const DESK_INSTRUCTIONS = `You are MindBot, a friendly voice assistant at the top-up desk.
The caller's prepaid time is used up. Nothing is billed now, and the call ends in a moment unless time is bought.
You may do three things only: sell a time card, take an activation code, and say goodbye. For prices and purchases always use a tool.
Every tool answers with "speech", sentences ready to be spoken: say them as they are, in the caller's tone.
When the caller wants to buy, make sure which package, start the purchase, and repeat package and price.
You cannot take card numbers: if the caller begins to say one, interrupt kindly and point to the page.
When the caller has an activation code, or says a part of one, call activate_code.
Whatever else the caller wants, say kindly in one sentence that you go on with it as soon as there is time again.
Never promise time, discounts, refunds or that the call goes on without a purchase.
When the caller wants no more time or says goodbye, call end_call and say nothing: it says goodbye and hangs up.`;

/** What one assistant may have that another has not: its own recogniser, and a conversation to go on with. */
export type AssistantOptions = Pick<ConstructorParameters<typeof voice.Agent>[0], 'stt' | 'chatCtx'>;

/** Who the agent is: its instructions and its tools. Voice and models come with the session. */
export function createAssistant(options: AssistantOptions = {}): voice.Agent<CallContext> {
  return keepCodesSecret(
    new voice.Agent<CallContext>({
      ...options,
      instructions: INSTRUCTIONS,
      tools: [
        checkTimeBalance,
        getPricingPackages,
        estimateSessionCost,
        startPurchaseProcess,
        activateCode,
        getSessionSummary,
        endCall,
      ],
    }),
  );
}

/** The agent after time is used up: knows the same conversation, but only sells and says goodbye. */
export function createDesk(options: AssistantOptions = {}): voice.Agent<CallContext> {
  return keepCodesSecret(
    new voice.Agent<CallContext>({
      ...options,
      instructions: DESK_INSTRUCTIONS,
      tools: [getPricingPackages, startPurchaseProcess, activateCode, endCall],
    }),
  );
}
