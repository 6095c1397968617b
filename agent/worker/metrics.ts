import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Report } from './reports.ts';

export type WorkerMetrics = { registry: Registry; record(report: Report): void };

/** Prometheus metrics of one worker. Names follow https://prometheus.io/docs/practices/naming/. */
export function createWorkerMetrics(activeCalls: () => number): WorkerMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'mindbot_active_calls',
    help: 'Calls that this worker holds now',
    registers,
    collect() {
      this.set(activeCalls());
    },
  });
  const turns = new Histogram({
    name: 'mindbot_turn_latency_seconds',
    help: 'From the end of what the caller said to the first sound of the answer',
    buckets: [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10],
    registers,
  });
  const renewalsFailed = new Counter({
    name: 'mindbot_renewals_unanswered_total',
    help: 'Renewals that the database did not answer',
    registers,
  });
  const ended = new Counter({
    name: 'mindbot_calls_ended_total',
    help: 'Calls that ended, by reason and by whether this worker wrote the bill',
    labelNames: ['reason', 'settled'],
    registers,
  });
  const used = new Counter({
    name: 'mindbot_used_seconds_total',
    help: 'Billed seconds of ended calls',
    registers,
  });
  return {
    registry,
    record(report) {
      if (report.type === 'turn') turns.observe(report.latency_seconds);
      else if (report.type === 'renewal_failed') renewalsFailed.inc();
      else {
        ended.inc({ reason: report.reason, settled: String(report.settled) });
        used.inc(report.used_ms / 1000);
      }
    },
  };
}
