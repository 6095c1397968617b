import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { conversationMetrics } from './conversation-metrics.ts';
import type { Report } from './reports.ts';

export type WorkerMetrics = {
  registry: Registry;
  record(report: Report): void;
  notTaken(reason: string): void;
};

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
  const observe = conversationMetrics(registers);
  const renewalsFailed = new Counter({
    name: 'mindbot_renewals_unanswered_total',
    help: 'Renewals that the database did not answer',
    registers,
  });
  const rejections = new Counter({
    name: 'mindbot_unhandled_rejections_total',
    help: 'Failures in calls that nobody handled: each is a mistake',
    registers,
  });
  const memories = new Counter({
    name: 'mindbot_calls_remembered_total',
    help: 'Calls after which there was something to remember or not, by what became of it',
    labelNames: ['outcome'],
    registers,
  });
  const notTaken = new Counter({
    name: 'mindbot_calls_not_taken_total',
    help: 'Calls offered to this worker that it did not take or did not get to, by reason',
    labelNames: ['reason'],
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
    help: 'Seconds charged for calls whose bill this worker wrote',
    registers,
  });
  return {
    registry,
    notTaken: (reason) => notTaken.inc({ reason }),
    record(report) {
      if (report.type === 'turn' || report.type === 'call_measured') observe(report);
      else if (report.type === 'renewal_failed') renewalsFailed.inc();
      else if (report.type === 'unhandled_rejection') rejections.inc();
      else if (report.type === 'memory') memories.inc({ outcome: report.outcome });
      else if (report.type === 'call_ended') {
        ended.inc({ reason: report.reason, settled: String(report.settled) });
        used.inc(report.charged_seconds);
      }
    },
  };
}
