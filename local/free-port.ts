import { once } from 'node:events';
import { createServer } from 'node:net';

/** How many ports after the wanted one are looked at. */
const NEAR = 50;

async function tryPort(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : undefined;
  } catch {
    return undefined;
  } finally {
    server.close();
  }
}

/**
 * The wanted port if nobody has it, else the next one that is free, else one that the system gives.
 * @param preferred 0 for any
 * @param attempt answers the port if it could be had
 */
export async function nextPort(
  preferred: number,
  attempt: (port: number) => Promise<number | undefined>,
): Promise<number | undefined> {
  const last = preferred === 0 ? 0 : Math.min(preferred + NEAR, 65_535);
  for (let port = preferred; port <= last; port++) {
    const found = await attempt(port);
    if (found !== undefined) return found;
  }
  return attempt(0);
}

/** The preferred TCP port on loopback if nobody listens there, else the next one that is free. */
export async function freePort(preferred = 0): Promise<number> {
  const port = await nextPort(preferred, tryPort);
  if (port === undefined) throw new Error('No free TCP port on 127.0.0.1.');
  return port;
}
