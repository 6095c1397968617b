import { z } from 'zod';
import { callerTurns } from '../../memory/caller-words.ts';
import { defineTool } from '../define-tool.ts';

export default defineTool({
  name: 'keep_private',
  description:
    'Keeps what the caller says out of memory: from just before now to the end of the call, or the whole call.',
  parameters: z.object({ whole_call: z.boolean().describe('true when nothing of this call is to be kept') }),
  isOffered: ({ hasMemory }) => hasMemory,
  sentences: {
    en: () => ({
      wholeCall: 'All right. I will remember nothing of this call.',
      fromHere: 'All right. I will not remember that, nor what you say from here on in this call.',
    }),
    de: () => ({
      wholeCall: 'In Ordnung. Von diesem Gespräch behalte ich nichts.',
      fromHere: 'In Ordnung. Das behalte ich nicht, und auch nichts, was Sie in diesem Gespräch noch sagen.',
    }),
    es: () => ({
      wholeCall: 'De acuerdo. No recordaré nada de esta llamada.',
      fromHere: 'De acuerdo. No recordaré eso, ni lo que diga a partir de ahora en esta llamada.',
    }),
    fr: () => ({
      wholeCall: "D'accord. Je ne retiendrai rien de cet appel.",
      fromHere: "D'accord. Je ne retiendrai pas cela, ni ce que vous direz encore pendant cet appel.",
    }),
  },
  execute({ args, call, say, session }) {
    // The wish comes behind what it is about, or in one breath with it.
    const before = callerTurns(session.history).at(-2);
    call.memory.keepPrivate(args.whole_call ? 0 : (before?.atMs ?? 0));
    return { speech: args.whole_call ? say.wholeCall : say.fromHere };
  },
});
