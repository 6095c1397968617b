import { Counter, Gauge, type Registry } from 'prom-client';

/** Figures of the outbox. The gauges are shown by the replica that looked last. */
export function outboxMetrics(registers: Registry[]) {
  return {
    outboxOutcomes: new Counter({
      name: 'mindbot_outbox_total',
      help: 'Attempts at outbox items, by outcome: failed is tried again, parked waits for an operator.',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    outboxWaiting: new Gauge({
      name: 'mindbot_outbox_waiting',
      help: 'Outbox items that are not done yet.',
      labelNames: ['kind'],
      registers,
    }),
    outboxParked: new Gauge({
      name: 'mindbot_outbox_parked',
      help: 'Outbox items that were given up and wait for an operator. Alarm on anything above 0.',
      labelNames: ['kind'],
      registers,
    }),
    outboxOldestSeconds: new Gauge({
      name: 'mindbot_outbox_oldest_seconds',
      help: 'Age of the oldest outbox item that is not done yet.',
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
