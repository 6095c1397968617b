import { llm } from '@livekit/agents';
import { z } from 'zod';
import type { CallContext } from '../tools/call-context.ts';
import { speakable } from '../tools/speakable.ts';
import { callerTurns } from './caller-turns.ts';

export const keepPrivate = llm.tool({
  name: 'keep_private',
  description:
    'Keeps what the caller says out of memory: from just before now to the end of the call, or the whole call.',
  parameters: z.object({ whole_call: z.boolean().describe('true when nothing of this call is to be kept') }),
  execute: ({ whole_call }, { ctx }: llm.ToolOptions<CallContext>) =>
    speakable(ctx.userData, ({ memory, sentences }) => {
      // The wish comes behind what it is about, or in one breath with it.
      const before = callerTurns(ctx.session.history).at(-2);
      memory.keepPrivate(whole_call ? 0 : (before?.atMs ?? 0));
      return { speech: whole_call ? sentences.callForgotten : sentences.restForgotten };
    }),
});
