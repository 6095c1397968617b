import { reconcileOnce } from '../webhook-server/payments/reconcile-once.ts';
import { parseOptions, wholeNumber } from './basics/parse-options.ts';
import { sidecarConfigOrExit } from './configuration/sidecar-config.ts';

/** Stripe keeps events for so long. */
const DEFAULT_DAYS = 30;
const DAY_MS = 24 * 3600_000;

const { values } = parseOptions({ options: { days: { type: 'string' } } });
const days = wholeNumber('--days', values.days, { otherwise: DEFAULT_DAYS, max: 3650 });
const report = await reconcileOnce(sidecarConfigOrExit(), new Date(Date.now() - days * DAY_MS));
console.log(JSON.stringify(report, null, 2));
// For a schedule: not zero while there is something that a person has to look at.
const isWell = report.findings.length === 0 && report.failures === 0 && report.failed_events === null;
process.exitCode = isWell ? 0 : 1;
