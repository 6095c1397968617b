import { paymentSteps } from './payment-steps.ts';
import { savedCardSteps } from './saved-card-steps.ts';
import { sessionSteps } from './session-steps.ts';
import type { Step } from './step.ts';

/** The same calls for the stand-in and for Stripe, in this order. */
export const STEPS: readonly Step[] = [...savedCardSteps, ...paymentSteps, ...sessionSteps];
