import { once } from 'node:events';
import type { Server } from 'node:net';

/** EX_CONFIG of sysexits.h: starting again without a change is of no use. */
const EXIT_CONFIG = 78;

type Place = { port: number; host: string; portName: string; hostName: string };

/** Why nobody can listen there, for whoever set it; undefined for what nobody set. */
function placeProblem(error: unknown, { port, host, portName, hostName }: Place): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `${portName}: ${port} is taken by another program on ${host}; end that, or set another port`;
    case 'EACCES':
      return `${portName}: ${port} may not be used by this user; set one of 1024 or more`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return `${hostName}: is ${JSON.stringify(host)}, which is no address of this machine; set 127.0.0.1, or 0.0.0.0 to be reached from others`;
    default:
      return undefined;
  }
}

/** Listens, or says on stderr in words what is wrong with the place and ends the process. */
export async function listenOrExit(server: Server, place: Place): Promise<void> {
  try {
    server.listen(place.port, place.host);
    await once(server, 'listening');
  } catch (error) {
    const problem = placeProblem(error, place);
    if (problem === undefined) throw error;
    console.error(problem);
    // A port may be free in a moment, when another one has ended.
    process.exit(problem.includes('is taken') ? 1 : EXIT_CONFIG);
  }
}
