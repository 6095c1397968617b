import { llm } from '@livekit/agents';
import { spokenDuration } from '../../shared/units.ts';
import { expiryNote } from '../call/sentences.ts';
import type { CallContext } from './call-context.ts';
import { openMeter, speakable } from './speakable.ts';

export const checkTimeBalance = llm.tool({
  name: 'check_time_balance',
  description: 'How much prepaid time the caller has left, including what this call may still use.',
  execute: (_, { ctx }: llm.ToolOptions<CallContext>) =>
    speakable(async () => {
      const meter = openMeter(ctx.userData);
      await meter.renew();
      const remainingSeconds = meter.remainingSeconds();
      const expiringSeconds = meter.expiringSeconds();
      return {
        speech: `You have ${spokenDuration(remainingSeconds)} left.${expiryNote(expiringSeconds)}`,
        expiring_seconds: expiringSeconds,
        remaining_seconds: remainingSeconds,
        used_in_this_call_seconds: Math.floor(meter.usedMs() / 1000),
      };
    }),
});
