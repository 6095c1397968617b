import { llm } from '@livekit/agents';
import type { PricingResponse } from '../../shared/api/pricing.ts';
import { spokenDuration, spokenPrice } from '../../shared/units.ts';
import type { CallContext } from './call-context.ts';
import { openMeter, speakable } from './speakable.ts';

/** What a stretch of time is worth at the smallest package's price, rounded to whole cents. */
function worthInCents(
  usedSeconds: number,
  pricing: PricingResponse,
): { cents: number; name: string } | undefined {
  const smallest = pricing.packages.toSorted((a, b) => a.total_minutes - b.total_minutes)[0];
  if (!smallest) return undefined;
  const cents = Math.round((usedSeconds * smallest.price_cents) / (smallest.total_minutes * 60));
  return { cents, name: smallest.name };
}

export const estimateSessionCost = llm.tool({
  name: 'estimate_session_cost',
  description: 'What this call has cost so far, in time and in money, and how much time is left.',
  execute: (_, { ctx }: llm.ToolOptions<CallContext>) =>
    speakable(async () => {
      const meter = openMeter(ctx.userData);
      const usedSeconds = Math.floor(meter.usedMs() / 1000);
      const remainingSeconds = meter.remainingSeconds();
      const pricing = await ctx.userData.pricing();
      const worth = worthInCents(usedSeconds, pricing);
      const money = worth
        ? ` At the ${worth.name} price that is about ${spokenPrice(worth.cents, pricing.currency)}.`
        : '';
      return {
        speech: `So far this call has used ${spokenDuration(usedSeconds)} of your time.${money}`,
        used_seconds: usedSeconds,
        remaining_seconds: remainingSeconds,
        cost_cents: worth?.cents ?? null,
        currency: pricing.currency,
      };
    }),
});
