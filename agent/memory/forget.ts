import { llm } from '@livekit/agents';
import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import { mayBeKept } from '../../shared/secrets/may-be-kept.ts';
import type { CallContext } from '../tools/call-context.ts';
import { type Speakable, speakable } from '../tools/speakable.ts';
import type { KnownFact } from './call-memory.ts';
import { callerTurns } from './caller-turns.ts';
import { plainNote } from './describe-memory.ts';
import { meansEverything } from './means-everything.ts';
import { searchMemories } from './search-memories.ts';

const EVERYTHING = 'everything';

/** A yes that comes later is one to something else. */
const MOST_TURNS = 2;

// A memory that is gone already is as forgotten as can be.
const erased = z.object({ status: z.enum(['erased', 'unknown_memory']) });
const allErased = z.object({ status: z.literal('erased') });

async function erase(context: CallContext, asked: KnownFact | typeof EVERYTHING): Promise<void> {
  const { database, userId, callId, memory } = context;
  if (asked === EVERYTHING) {
    await callFunction(database, 'erase_all_memories', { p_user_id: userId }, allErased);
    // Nothing will be remembered of this call, so nothing of it needs to be read.
    memory.keepPrivate(0);
    await memory.forget(memory.facts, Date.now());
  } else {
    const args = { p_user_id: userId, p_memory_id: asked.id, p_call_id: callId };
    await callFunction(database, 'erase_memory', args, erased);
    await memory.forget([asked], Date.now());
  }
}

/** What may not be kept is not told to the model either: then the question has the words that it was found by. */
const named = ({ text }: KnownFact, what: string) => plainNote(mayBeKept(text) ? text : what);

/** Finds what the caller means, and asks whether it is that. */
async function ask(context: CallContext, what: string, turns: number): Promise<Speakable> {
  const { memory, sentences } = context;
  if (meansEverything(what)) {
    memory.asked = { what: EVERYTHING, turns };
    return { speech: sentences.forgetEverything };
  }
  const [fact] = await searchMemories(context, what, 1);
  memory.asked = fact && { what: fact, turns };
  return { speech: fact ? sentences.forgetThis(named(fact, what)) : sentences.remembered([]) };
}

export const forget = llm.tool({
  name: 'forget',
  description: `Forgets what the caller told. Asks the caller first: call it with what to forget, and again with the answer.`,
  parameters: z.object({
    what: z.string().optional().describe(`in a few words, or "${EVERYTHING}"`),
    answer: z.enum(['yes', 'no']).optional().describe('what the caller answered to "Shall I forget ...?"'),
  }),
  execute: ({ what, answer }, { ctx }: llm.ToolOptions<CallContext>) =>
    speakable(ctx.userData, async (context): Promise<Speakable> => {
      const { memory, sentences } = context;
      const turns = callerTurns(ctx.session.history).length;
      const { asked } = memory;
      if (answer === undefined && what !== undefined) return ask(context, what, turns);
      memory.asked = undefined;
      if (answer === 'no') return { speech: sentences.notForgotten };
      // Nobody but the caller says yes: they have spoken since they were asked, and not long since.
      if (!asked || turns <= asked.turns || turns > asked.turns + MOST_TURNS)
        throw new Fault('invalid_request');
      await erase(context, asked.what);
      return { speech: sentences.forgotten };
    }),
});
