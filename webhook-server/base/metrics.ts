import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Figures of usage that is reported to where it is billed. */
function usageMetrics(registers: Registry[]) {
  return {
    meterEvents: new Counter({
      name: 'mindbot_meter_events_total',
      help: 'Meter events by what became of them. Alarm on refused and reported_uncounted.',
      labelNames: ['sink', 'outcome'],
      registers,
    }),
    meterEventDelay: new Histogram({
      name: 'mindbot_meter_event_delay_seconds',
      help: 'From the moment usage was recorded until it was reported.',
      buckets: [1, 5, 15, 30, 60, 120, 300, 900, 3600, 14_400, 86_400],
      registers,
    }),
    usageToReport: new Gauge({
      name: 'mindbot_usage_to_report',
      help: 'Usage events by what they wait for. Alarm on anything but waiting; unpriced is used and billed to nobody.',
      labelNames: ['what'],
      registers,
    }),
    oldestUsageSeconds: new Gauge({
      name: 'mindbot_usage_to_report_oldest_seconds',
      help: 'Age of the oldest usage that is not reported yet.',
      registers,
    }),
  };
}

/** Figures about payments, and about usage that is billed. */
function paymentMetrics(registers: Registry[]) {
  return {
    ...usageMetrics(registers),
    ...verificationMetrics(registers),
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

/** Figures of payments on chains that are verified for tenants. */
function verificationMetrics(registers: Registry[]) {
  return {
    verifications: new Counter({
      name: 'mindbot_payment_verifications_total',
      help: 'Payments on chains that were looked at, by verdict.',
      labelNames: ['chain', 'status', 'reason'],
      registers,
    }),
    verificationSeconds: new Histogram({
      name: 'mindbot_payment_verification_duration_seconds',
      help: 'How long the nodes of a chain took to say what they know of a payment.',
      labelNames: ['chain'],
      buckets: [0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 1, 2, 5],
      registers,
    }),
    chainNodeRequests: new Counter({
      name: 'mindbot_chain_node_requests_total',
      help: 'Questions to the nodes of chains, by what became of them: answered, late, limited, malformed and so on.',
      labelNames: ['chain', 'node', 'outcome'],
      registers,
    }),
    facilitatorUp: new Gauge({
      name: 'mindbot_facilitator_up',
      help: 'Whether the facilitator of x402 answered when it was asked last.',
      registers,
    }),
    chainNodeUp: new Gauge({
      name: 'mindbot_chain_node_up',
      help: 'Whether the last question to a node of a chain was answered.',
      labelNames: ['chain', 'node'],
      registers,
    }),
  };
}

/** Figures of the queue. The gauges say what the database says, whichever replica is asked. */
function queueMetrics(registers: Registry[]) {
  return {
    jobOutcomes: new Counter({
      name: 'mindbot_job_attempts_total',
      help: 'Attempts at jobs, by outcome: failed is tried again, given_up waits for an operator.',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    jobsWaiting: new Gauge({
      name: 'mindbot_jobs_waiting',
      help: 'Jobs that are not done yet.',
      labelNames: ['kind'],
      registers,
    }),
    jobsGivenUp: new Gauge({
      name: 'mindbot_jobs_given_up',
      help: 'Jobs that were given up and wait for an operator. Alarm on anything above 0.',
      labelNames: ['kind'],
      registers,
    }),
    oldestJobSeconds: new Gauge({
      name: 'mindbot_jobs_oldest_seconds',
      help: 'Age of the oldest job that is not done yet.',
      labelNames: ['kind'],
      registers,
    }),
    autoTopUpDecisions: new Counter({
      name: 'mindbot_auto_top_up_decisions_total',
      help: 'People whose automatic top-up was due, by what was decided.',
      labelNames: ['outcome'],
      registers,
    }),
    peopleWithoutCustomer: new Gauge({
      name: 'mindbot_people_without_customer',
      help: 'People who have no customer at Stripe.',
      registers,
    }),
  };
}

/** Names of the invariants that `audit_invariants()` checks. */
export const INVARIANTS = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6'];

export type Metrics = ReturnType<typeof createMetrics>;

/** The sidecar's figures for Prometheus, in a registry of their own (https://prometheus.io/docs/practices/naming/). */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    ...queueMetrics(registers),
    ...paymentMetrics(registers),
    requestSeconds: new Histogram({
      name: 'mindbot_http_request_duration_seconds',
      help: 'How long requests took, by route pattern.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    refusals: new Counter({
      name: 'mindbot_refusals_total',
      help: 'Requests answered with an error, by its code.',
      labelNames: ['code'],
      registers,
    }),
    livekitEvents: new Counter({
      name: 'mindbot_livekit_events_total',
      help: 'LiveKit webhooks received.',
      labelNames: ['event'],
      registers,
    }),
    activations: new Counter({
      name: 'mindbot_activations_total',
      help: 'Activation codes tried, by outcome.',
      labelNames: ['outcome'],
      registers,
    }),
    trials: new Counter({
      name: 'mindbot_trials_total',
      help: 'Free minutes asked for, by outcome.',
      labelNames: ['outcome'],
      registers,
    }),
    renewalBatchSize: new Histogram({
      name: 'mindbot_renewal_batch_size',
      help: 'How many calls were renewed by one statement.',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
      registers,
    }),
    failedRenewalBatches: new Counter({
      name: 'mindbot_renewal_batches_failed_total',
      help: 'Batches of renewals that the database did not answer. Their workers ask it directly.',
      registers,
    }),
    reapedCalls: new Counter({
      name: 'mindbot_reaped_calls_total',
      help: 'Calls settled by the reaper, because their worker went silent.',
      registers,
    }),
    closedRooms: new Counter({
      name: 'mindbot_closed_rooms_total',
      help: 'Rooms of reaped calls at LiveKit: closed, gone already, or failed.',
      labelNames: ['outcome'],
      registers,
    }),
    expiredCards: new Counter({
      name: 'mindbot_expired_cards_total',
      help: 'Time cards expired by the sweep.',
      registers,
    }),
    auditViolations: new Gauge({
      name: 'mindbot_audit_violations',
      help: 'Broken invariants that the audit found and has not seen mended. Not there when no audit ran for 25 minutes.',
      labelNames: ['invariant'],
      registers,
    }),
    auditAgeSeconds: new Gauge({
      name: 'mindbot_audit_age_seconds',
      help: 'Since the audit last ran (run), and since it last had asked everything (round). Alarm on a run above 1800.',
      labelNames: ['audit'],
      registers,
    }),
    jobRuns: new Counter({
      name: 'mindbot_job_runs_total',
      help: 'Runs of periodic jobs on this replica: done or failed.',
      labelNames: ['job', 'outcome'],
      registers,
    }),
  };
}
