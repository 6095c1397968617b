import { llm } from '@livekit/agents';
import type { Package } from '../../shared/api/pricing.ts';
import { spokenDuration, spokenPrice } from '../../shared/units.ts';
import type { CallContext } from './call-context.ts';
import { speakable } from './speakable.ts';

const spokenPackage = (offer: Package, currency: string) =>
  `${offer.name} gives you ${spokenDuration(offer.total_minutes * 60)} for ${spokenPrice(offer.price_cents, currency)}`;

export const getPricingPackages = llm.tool({
  name: 'get_pricing_packages',
  description: 'The time card packages for sale: their names, how much time each holds, and their prices.',
  execute: (_, { ctx }: llm.ToolOptions<CallContext>) =>
    speakable(async () => {
      const { currency, packages } = await ctx.userData.pricing();
      const offers = packages.map((offer) => spokenPackage(offer, currency));
      return {
        speech: `We have ${offers.length} packages. ${offers.join('. ')}. Just name the one you want.`,
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
