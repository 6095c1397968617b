import { parseOptions } from './basics/parse-options.ts';
import { findProject } from './basics/project.ts';
import { readSettings } from './configuration/settings.ts';
import { checkChains } from './doctor/check-chains.ts';
import { checkMachine, checkPorts } from './doctor/check-machine.ts';
import { checkMachinePayments } from './doctor/check-machine-payments.ts';
import { checkMail, checkQueue, checkServices } from './doctor/check-services.ts';
import { checkSettings } from './doctor/check-settings.ts';
import { type Finding, findingLines } from './doctor/finding.ts';
import { readLiveState } from './supervisor/state-file.ts';

parseOptions({ options: {} });
const { home, envFile } = findProject(process.env);
const settings = readSettings(envFile, process.env);

const sections: [string, Finding[]][] = [
  ['This machine', await checkMachine(home, settings.LIVEKIT_URL !== undefined)],
  ['Ports', await checkPorts(settings, readLiveState(home) !== undefined)],
  ['Configuration', [...checkSettings(settings, envFile), ...(await checkMachinePayments(settings))]],
  [
    'Real services',
    [
      ...(await checkServices(settings)),
      ...(await checkQueue(settings)),
      ...(await checkMail(settings)),
      ...(await checkChains(settings)),
    ],
  ],
];
for (const [title, findings] of sections) {
  if (findings.length === 0) continue;
  console.log([title, ...findings.flatMap(findingLines), ''].join('\n'));
}
const broken = sections.flatMap(([, findings]) => findings).filter(({ mark }) => mark === 'bad').length;
console.log(broken === 0 ? 'All that MindBot needs is here.' : `${broken} to fix.`);
process.exitCode = broken === 0 ? 0 : 1;
