import type { TrialOffer } from '../api/trials.ts';
import type { SidecarConfig } from '../config/variables.ts';

/** The free minutes that new people get here; null where there are none. */
export function trialOfferOf({ TRIAL_MINUTES, TRIAL_VALID_DAYS }: SidecarConfig): TrialOffer | null {
  return TRIAL_MINUTES === 0 ? null : { seconds: TRIAL_MINUTES * 60, valid_days: TRIAL_VALID_DAYS };
}
