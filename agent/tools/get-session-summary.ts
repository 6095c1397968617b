import { llm } from '@livekit/agents';
import type { CallContext } from './call-context.ts';
import { openMeter, speakable } from './speakable.ts';

export const getSessionSummary = llm.tool({
  name: 'get_session_summary',
  description: 'A summary of this call: when it began, time used and left.',
  execute: (_, { ctx }: llm.ToolOptions<CallContext>) =>
    speakable(ctx.userData, (context) => {
      const meter = openMeter(context);
      const usedSeconds = Math.floor(meter.usedMs() / 1000);
      const remainingSeconds = meter.remainingSeconds();
      return {
        speech: context.sentences.summary(usedSeconds, remainingSeconds),
        call_id: context.callId,
        started_at: context.startedAt.toISOString(),
        used_seconds: usedSeconds,
        remaining_seconds: remainingSeconds,
      };
    }),
});
