import { llm } from '@livekit/agents';
import { spokenDuration } from '../../shared/units.ts';
import type { CallContext } from './call-context.ts';
import { openMeter, speakable } from './speakable.ts';

export const getSessionSummary = llm.tool({
  name: 'get_session_summary',
  description: 'A summary of this call: when it began, how much time it used, and what is left.',
  execute: (_, { ctx }: llm.ToolOptions<CallContext>) =>
    speakable(() => {
      const meter = openMeter(ctx.userData);
      const usedSeconds = Math.floor(meter.usedMs() / 1000);
      const remainingSeconds = meter.remainingSeconds();
      return {
        speech: `In this call you have used ${spokenDuration(usedSeconds)}, and ${spokenDuration(remainingSeconds)} is left. Only the time in which we talk is billed.`,
        call_id: ctx.userData.callId,
        started_at: ctx.userData.startedAt.toISOString(),
        used_seconds: usedSeconds,
        remaining_seconds: remainingSeconds,
      };
    }),
});
