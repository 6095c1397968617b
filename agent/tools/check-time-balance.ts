import { llm } from '@livekit/agents';
import type { CallContext } from './call-context.ts';
import { openMeter, speakable } from './speakable.ts';

export const checkTimeBalance = llm.tool({
  name: 'check_time_balance',
  description: 'How much prepaid time the caller has left.',
  execute: (_, { ctx }: llm.ToolOptions<CallContext>) =>
    speakable(ctx.userData, async (context) => {
      const meter = openMeter(context);
      await meter.renew();
      const remainingSeconds = meter.remainingSeconds();
      const expiringSeconds = meter.expiringSeconds();
      return {
        speech: context.sentences.balance(remainingSeconds, expiringSeconds),
        expiring_seconds: expiringSeconds,
        remaining_seconds: remainingSeconds,
        used_in_this_call_seconds: Math.floor(meter.usedMs() / 1000),
      };
    }),
});
