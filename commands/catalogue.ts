import { readPlanCatalogue } from '../shared/catalogue/plans.ts';
import { dependenciesOfCommand } from '../webhook-server/payments/reconcile-once.ts';
import { bringCatalogue } from '../webhook-server/plans/bring-catalogue.ts';
import { parseOptions } from './basics/parse-options.ts';
import { sidecarConfigOrExit } from './configuration/sidecar-config.ts';

const { values } = parseOptions({ options: { 'dry-run': { type: 'boolean' }, file: { type: 'string' } } });
const dryRun = values['dry-run'] === true;
const catalogue = readPlanCatalogue(values.file);
const { changes, problems } = await bringCatalogue(dependenciesOfCommand(sidecarConfigOrExit()), catalogue, {
  dryRun,
});
for (const words of changes) console.log(`${dryRun ? 'would change' : 'changed'}  ${words}`);
for (const words of problems) console.error(`problem  ${words}`);
if (changes.length + problems.length === 0) console.log('All is as the catalogue says.');
process.exitCode = problems.length === 0 ? 0 : 1;
