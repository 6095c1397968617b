/** A reporter in a process of its own, which is killed from outside: it reports, and reports again, until then. */
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../shared/config/load-config.ts';
import { sidecarVariables } from '../shared/config/variables.ts';
import { dependenciesOfCommand } from '../webhook-server/payments/reconcile-once.ts';
import { createSink } from '../webhook-server/usage-reports/create-sink.ts';
import { reportUsage } from '../webhook-server/usage-reports/report-usage.ts';

const LEASE_SECONDS = 2;
const deps = dependenciesOfCommand(loadConfig(sidecarVariables, process.env));
const sink = createSink(deps);
console.log('ready');
for (;;) {
  // What cannot be sent now comes with the next run.
  const handed = await reportUsage(deps, sink, { leaseSeconds: LEASE_SECONDS }).catch(() => 0);
  if (handed === 0) await sleep(200);
}
