import { llm } from '@livekit/agents';
import type { CallContext } from './call-context.ts';
import { speakable } from './speakable.ts';

export const getPricingPackages = llm.tool({
  name: 'get_pricing_packages',
  description: 'The packages of time for sale, and their prices.',
  execute: (_, { ctx }: llm.ToolOptions<CallContext>) =>
    speakable(ctx.userData, async (context) => {
      const { currency, packages } = await context.pricing();
      const offers = packages.map(({ name, total_minutes, price_cents }) => ({
        name,
        seconds: total_minutes * 60,
        amount: price_cents,
        currency,
      }));
      return {
        speech: context.sentences.packages(offers),
        currency,
        packages: packages.map(({ id, name, total_minutes, price_cents }) => ({
          id,
          name,
          total_minutes,
          price_cents,
        })),
      };
    }),
});
