import { claimPort } from '../../commands/configuration/claim-port.ts';
import { freePort } from '../../local/free-port.ts';

process.send?.(await claimPort(freePort, Number(process.argv[2])));
