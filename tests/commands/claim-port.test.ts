import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { claimPort } from '../../commands/configuration/choose-ports.ts';
import { freePort } from '../../local/free-port.ts';

const CLAIMER = fileURLToPath(new URL('./port-claimer.ts', import.meta.url));

test('a port that another start has chosen, and does not listen on yet, is not chosen again', async () => {
  const wanted = await freePort();
  const other = fork(CLAIMER, [String(wanted)]);
  const [theirs] = await once(other, 'message');
  expect(theirs).toBe(wanted);
  const ours = await claimPort(freePort, wanted);
  expect(ours).not.toBe(wanted);

  const ended = once(other, 'exit');
  other.kill('SIGKILL');
  await ended;
  expect(await claimPort(freePort, wanted)).toBe(wanted);
});

test('says so when there is none', async () => {
  const wanted = await freePort();
  await claimPort(freePort, wanted);
  await expect(claimPort(async () => wanted, wanted)).rejects.toThrow('No free port');
});
