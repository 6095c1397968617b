import { claimPort } from '../../commands/configuration/choose-ports.ts';
import { freePort } from '../../local/free-port.ts';

process.send?.(await claimPort(freePort, Number(process.argv[2])));
// The claim is held for as long as somebody listens.
process.on('message', () => {});
