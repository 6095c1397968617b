import { llm } from '@livekit/agents';
import { z } from 'zod';
import { mayBeKept } from '../../shared/secrets/may-be-kept.ts';
import type { CallContext } from '../tools/call-context.ts';
import { speakable } from '../tools/speakable.ts';
import { plainNote } from './describe-memory.ts';
import { searchMemories } from './search-memories.ts';

const MOST_FACTS = 5;

export const recall = llm.tool({
  name: 'recall',
  description: 'Looks up what the caller told about themselves in earlier calls.',
  parameters: z.object({ about: z.string().describe('what to look for, in a few words') }),
  execute: ({ about }, { ctx }: llm.ToolOptions<CallContext>) =>
    speakable(ctx.userData, async (context) => {
      const facts = await searchMemories(context, about, MOST_FACTS);
      const notes = facts.filter(({ text }) => mayBeKept(text)).map(({ text }) => plainNote(text));
      return { speech: context.sentences.remembered(notes), notes };
    }),
});
