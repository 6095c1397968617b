import { Counter, type Registry } from 'prom-client';

/** Figures about payments. */
export function paymentMetrics(registers: Registry[]) {
  return {
    stripeEvents: new Counter({
      name: 'mindbot_stripe_events_total',
      help: 'Stripe events handled. Those from the reconciler were missed by webhooks.',
      labelNames: ['source', 'type', 'outcome'],
      registers,
    }),
    parkedStripeEvents: new Counter({
      name: 'mindbot_stripe_events_parked_total',
      help: 'Stripe events that failed too often and wait for an operator. Each is worth an alarm.',
      labelNames: ['type'],
      registers,
    }),
    reconciliation: new Counter({
      name: 'mindbot_reconciliation_total',
      help: 'What comparing with Stripe found: payments healed, and findings that only a person can settle.',
      labelNames: ['kind'],
      registers,
    }),
  };
}
