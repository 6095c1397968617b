import { z } from 'zod';
import { mayBeKept } from '../../../shared/secrets/may-be-kept.ts';
import { plainNote } from '../../memory/describe-memory.ts';
import { searchMemories } from '../../memory/search-memories.ts';
import { defineTool } from '../define-tool.ts';

const MOST_FACTS = 5;

export default defineTool({
  name: 'recall',
  description: 'Looks up what the caller told about themselves in earlier calls.',
  parameters: z.object({ about: z.string().describe('what to look for, in a few words') }),
  isOffered: ({ hasMemory }) => hasMemory,
  // Notes are in whatever words they were kept.
  sentences: {
    en: () => ({ told: (notes: string) => `You told me: ${notes}.` }),
    de: () => ({ told: (notes: string) => `Sie haben mir erzählt: ${notes}.` }),
    es: () => ({ told: (notes: string) => `Usted me contó: ${notes}.` }),
    fr: () => ({ told: (notes: string) => `Vous m'avez dit : ${notes}.` }),
  },
  async execute({ args, call, say }) {
    const facts = await searchMemories(call, args.about, MOST_FACTS);
    const notes = facts.filter(({ text }) => mayBeKept(text)).map(({ text }) => plainNote(text));
    const speech = notes.length > 0 ? say.told(notes.join('. ')) : call.sentences.nothingRemembered;
    return { speech, notes };
  },
});
