import { llm } from '@livekit/agents';
import type { PricingResponse } from '../../shared/api/pricing.ts';
import type { CallContext } from './call-context.ts';
import { openMeter, speakable } from './speakable.ts';

/** What a stretch of time is worth at the smallest package's price, rounded to whole cents. */
function worthInCents(
  usedSeconds: number,
  pricing: Pick<PricingResponse, 'packages'>,
): { cents: number; name: string } | undefined {
  const smallest = pricing.packages.toSorted((a, b) => a.total_minutes - b.total_minutes)[0];
  if (!smallest) return undefined;
  const cents = Math.round((usedSeconds * smallest.price_cents) / (smallest.total_minutes * 60));
  return { cents, name: smallest.name };
}

export const estimateSessionCost = llm.tool({
  name: 'estimate_session_cost',
  description: 'What this call has cost so far, in time and money.',
  execute: (_, { ctx }: llm.ToolOptions<CallContext>) =>
    speakable(ctx.userData, async (context) => {
      const meter = openMeter(context);
      const usedSeconds = Math.floor(meter.usedMs() / 1000);
      const remainingSeconds = meter.remainingSeconds();
      const { currency, ...pricing } = await context.pricing();
      const worth = worthInCents(usedSeconds, pricing);
      return {
        speech: context.sentences.cost(
          usedSeconds,
          worth && { name: worth.name, amount: worth.cents, currency },
        ),
        used_seconds: usedSeconds,
        remaining_seconds: remainingSeconds,
        cost_cents: worth?.cents ?? null,
        currency,
      };
    }),
});
