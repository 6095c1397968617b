import type { Billing, Grant } from '../../../agent/call/billing.ts';
import { type Clock, systemClock } from '../../../shared/clock.ts';

const BOUNDLESS_SECONDS = 1_000_000;
const boundless = <Answer extends Grant>(answer: Answer): Answer => ({
  ...answer,
  grantedSeconds: answer.grantedSeconds + BOUNDLESS_SECONDS,
});

/** A worker that goes on talking when its grant is used up. */
export function ignoringItsGrant(billing: Billing): Billing {
  return {
    ...billing,
    open: async () => boundless(await billing.open()),
    async renew(...report) {
      const grant = await billing.renew(...report);
      return grant && boundless(grant);
    },
  };
}

/** A worker that counts by a clock which somebody may set. */
export const wallClock: Clock = { ...systemClock, nowMs: () => Date.now() };
