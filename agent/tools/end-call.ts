import { llm, voice } from '@livekit/agents';
import type { CallContext } from './call-context.ts';

export const endCall = llm.tool({
  name: 'end_call',
  description:
    'Says goodbye and hangs up. Only when the caller clearly says goodbye or wants the call to end.',
  execute: (_, { ctx }: llm.ToolOptions<CallContext>): never => {
    ctx.userData.sayGoodbye();
    // The farewell is on its way, and hangs up behind itself: the model has nothing to add.
    throw new voice.StopResponse();
  },
});
