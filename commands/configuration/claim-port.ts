import { mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type FileLock, lockFile } from '../supervisor/lock-file.ts';

const ATTEMPTS = 20;

/** Held until this process ends; without a reference they would be collected, and let go. */
const claims: FileLock[] = [];

/**
 * Finds a port that nobody listens on and that no other start on this machine has chosen: services listen a second or
 * more after their ports were chosen, and until then a second start would choose the same.
 * @param find answers the wanted port if it is free, else another one
 * @throws Error when every port that is found was chosen by somebody else
 */
export async function claimPort(find: (wanted: number) => Promise<number>, wanted: number): Promise<number> {
  const folder = join(tmpdir(), `mindbot-ports-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = await find(attempt === 0 ? wanted : 0);
    const claim = lockFile(join(folder, String(port)));
    if (claim === undefined) continue;
    claims.push(claim);
    return port;
  }
  throw new Error('No free port on 127.0.0.1 that no other start has chosen.');
}
