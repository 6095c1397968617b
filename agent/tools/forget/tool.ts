import { z } from 'zod';
import { callFunction } from '../../../shared/database/call-function.ts';
import { Fault } from '../../../shared/errors.ts';
import { mayBeKept } from '../../../shared/secrets/may-be-kept.ts';
import type { KnownFact } from '../../memory/call-memory.ts';
import { callerTurns } from '../../memory/caller-words.ts';
import { plainNote } from '../../memory/describe-memory.ts';
import { searchMemories } from '../../memory/search-memories.ts';
import type { CallContext } from '../call-context.ts';
import { type Answer, defineTool, type SentencesIn } from '../define-tool.ts';

type Said = {
  /** @param note what the caller once told, without a full stop, in whatever words it was kept */
  askThis(note: string): string;
  askEverything: string;
  forgotten: string;
  kept: string;
};

const sentences: SentencesIn<Said> = {
  en: () => ({
    askThis: (note) => `I remember this: ${note}. Shall I forget it?`,
    askEverything: 'Shall I forget everything that you ever told me?',
    forgotten: 'Done. I have forgotten it.',
    kept: 'All right. I keep it.',
  }),
  de: () => ({
    askThis: (note) => `Ich habe mir gemerkt: ${note}. Soll ich das vergessen?`,
    askEverything: 'Soll ich alles vergessen, was Sie mir je erzählt haben?',
    forgotten: 'Erledigt. Das habe ich vergessen.',
    kept: 'In Ordnung. Ich behalte es.',
  }),
  es: () => ({
    askThis: (note) => `Recuerdo esto: ${note}. ¿Quiere que lo olvide?`,
    askEverything: '¿Quiere que olvide todo lo que me ha contado?',
    forgotten: 'Hecho. Lo he olvidado.',
    kept: 'De acuerdo. Lo conservo.',
  }),
  fr: () => ({
    askThis: (note) => `J'ai retenu ceci : ${note}. Dois-je l'oublier ?`,
    askEverything: "Dois-je oublier tout ce que vous m'avez dit ?",
    forgotten: "C'est fait. Je l'ai oublié.",
    kept: "D'accord. Je le garde.",
  }),
};

const ALL = '(?:absolutely )?(?:everything|all(?: of (?:it|this|that|them))?|alles|todo|tout)';
const THINGS = '(?: (?:the |my |your )?(?:memories|notes|data|facts|information))?';
const KNOWN =
  '(?:,? (?:(?:that |which )?(?:you|i) (?:ever |have )?(?:ever )?(?:know|remember|remembered|noted|stored|saved|kept|learned|said|told you|told)|was (?:du|sie)(?: sich)? (?:weißt|wissen|gemerkt)|lo que (?:sabe|sabes|recuerda)|ce que (?:tu sais|vous savez)))?';
const OF_ME =
  '(?: (?:about|of|on|from) (?:me|us|myself|the caller|the user)| (?:über|von) mich| (?:sobre|de) m[ií]| (?:sur|de) moi)?';
const END = "(?:,? (?:please|bitte|now|ever|por favor|s'il vous plaît))?";

const ALL_OF_IT = new RegExp(`^\\W*${ALL}${THINGS}${KNOWN}${OF_ME}${KNOWN}${END}\\W*$`, 'iu');

/** Whether the words for what to forget name all of it, and not all of something: "all my pets" does not. */
export function meansEverything(what: string): boolean {
  return ALL_OF_IT.test(what.normalize('NFKC').replace(/\s+/g, ' ').trim());
}

const EVERYTHING = 'everything';

/** A yes that comes later is one to something else. */
const MOST_TURNS = 2;

// A memory that is gone already is as forgotten as can be.
const erased = z.object({ status: z.enum(['erased', 'unknown_memory']) });
const allErased = z.object({ status: z.literal('erased') });

async function erase(call: CallContext, asked: KnownFact | typeof EVERYTHING): Promise<void> {
  const { database, userId, callId, memory } = call;
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
async function ask(call: CallContext, say: Said, what: string, turns: number): Promise<Answer> {
  const { memory } = call;
  if (meansEverything(what)) {
    memory.asked = { what: EVERYTHING, turns };
    return { speech: say.askEverything };
  }
  const [fact] = await searchMemories(call, what, 1);
  memory.asked = fact && { what: fact, turns };
  return { speech: fact ? say.askThis(named(fact, what)) : call.sentences.nothingRemembered };
}

export default defineTool({
  name: 'forget',
  description: `Forgets what the caller told. Asks the caller first: call it with what to forget, and again with the answer.`,
  parameters: z.object({
    what: z.string().optional().describe(`in a few words, or "${EVERYTHING}"`),
    answer: z.enum(['yes', 'no']).optional().describe('what the caller answered to "Shall I forget ...?"'),
  }),
  isOffered: ({ hasMemory }) => hasMemory,
  sentences,
  async execute({ args: { what, answer }, call, say, session }) {
    const { memory } = call;
    const turns = callerTurns(session.history).length;
    const { asked } = memory;
    if (answer === undefined && what !== undefined) return ask(call, say, what, turns);
    memory.asked = undefined;
    if (answer === 'no') return { speech: say.kept };
    // Nobody but the caller says yes: they have spoken since they were asked, and not long since.
    if (!asked || turns <= asked.turns || turns > asked.turns + MOST_TURNS)
      throw new Fault('invalid_request');
    await erase(call, asked.what);
    return { speech: say.forgotten };
  },
});
