import { parityOnce } from '../webhook-server/usage-reports/parity-once.ts';
import { parseOptions, wholeNumber } from './basics/parse-options.ts';
import { sidecarConfigOrExit } from './configuration/sidecar-config.ts';

const { values } = parseOptions({ options: { days: { type: 'string' }, retry: { type: 'boolean' } } });
const days = wholeNumber('--days', values.days, { otherwise: 40, max: 400 });
const report = await parityOnce(sidecarConfigOrExit(), { days, retry: values.retry === true });
console.log(JSON.stringify(report, null, 2));
// For a schedule: not zero while a person has to look at something.
process.exitCode = report.differences.length === 0 ? 0 : 1;
