import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { openFiles, processTree, pssBytes } from '../../bench/voice/processes/process-tree.ts';
import { checkBills, checkLeaks, checkProcesses } from '../../bench/voice/soak/check-soak.ts';
import { slopeOf } from '../../bench/voice/soak/slope.ts';
import type { Sample, SoakFigures } from '../../bench/voice/soak/soak-figures.ts';

const MB = 2 ** 20;

const sample = (calls: number, more: Partial<Sample> = {}): Sample => ({
  calls,
  workerBytes: 120 * MB,
  inferenceBytes: 300 * MB,
  openFiles: 40,
  handles: 25,
  processes: 4,
  zombies: 0,
  ...more,
});

/** Ten rounds of twenty calls, with noise that has no direction. */
const rounds = (figuresAt: (calls: number, noise: number) => Partial<Sample>) =>
  Array.from({ length: 11 }, (_, index) =>
    sample(index * 20, figuresAt(index * 20, [0.3, -0.5, 0.4, -0.2][index % 4] ?? 0)),
  );

const sound: SoakFigures = {
  sliceSeconds: 10,
  calls: [{ callId: 'a', presentMs: 12_400, isGreeted: true, unanswered: 0 }],
  stored: [
    {
      id: 'a',
      status: 'settled',
      settled_by: 'worker',
      end_reason: 'caller_hung_up',
      charged_seconds: 12,
      used_ms: 12_600,
      restored_ms: 0,
      free_ms: 400,
    },
  ],
  samples: [sample(0), sample(20), sample(40)],
  violations: [],
  exits: ['0'],
  left: { processes: 0, ports: 0 },
};

const failed = (checks: { what: string; holds: boolean }[]) =>
  checks.filter(({ holds }) => !holds).map(({ what }) => what);

describe('looking for leaks', () => {
  it('finds none in noise, nor in what is loaded once', () => {
    const steady = rounds((calls, noise) => ({
      workerBytes: (calls === 0 ? 110 : 120 + noise) * MB,
      openFiles: 40 + Math.round(noise),
    }));
    expect(failed(checkLeaks(steady))).toEqual([]);
  });

  it.each([
    [
      'memory of the workers',
      (calls: number, noise: number) => ({ workerBytes: (120 + 0.2 * calls + noise) * MB }),
    ],
    [
      'memory of the turn models',
      (calls: number, noise: number) => ({ inferenceBytes: (300 + 0.3 * calls + noise) * MB }),
    ],
    ['open files of the workers', (calls: number) => ({ openFiles: 40 + calls })],
    ['handles of the workers', (calls: number) => ({ handles: 25 + Math.floor(calls / 10) })],
  ])('finds a leak: %s', (name, figuresAt) => {
    expect(failed(checkLeaks(rounds(figuresAt)))).toEqual([`No leak: ${name}`]);
  });

  it('fits a line, and says nothing of two points', () => {
    const { perUnit, standardError } = slopeOf([
      [0, 1],
      [1, 3],
      [2, 5],
    ]);
    expect([perUnit, standardError]).toEqual([2, 0]);
    expect(
      slopeOf([
        [0, 1],
        [1, 3],
      ]).atLeast,
    ).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe('looking at bills', () => {
  it('finds nothing in a sound soak', () => {
    expect(failed(checkBills(sound))).toEqual([]);
    expect(failed(checkProcesses(sound))).toEqual([]);
  });

  const [stored] = sound.stored;
  const withStored = (more: Partial<SoakFigures['stored'][number]>) =>
    checkBills({ ...sound, stored: stored ? [{ ...stored, ...more }] : [] });

  it.each([
    ['a call that was left open', 'Every call was settled', { status: 'open' }],
    ['a charge that is not the use', 'What was charged is what was used', { charged_seconds: 13 }],
    [
      'a charge for more than was there',
      'Nobody was charged for longer than they were there, by more than a slice',
      { charged_seconds: 23, used_ms: 23_100 },
    ],
    [
      'time that is neither charged nor shown as free',
      'Nobody who hung up was there for longer than the receipt says, by more than a slice',
      { charged_seconds: 1, used_ms: 1100 },
    ],
  ])('finds %s', (_, what, more) => {
    expect(failed(withStored(more))).toEqual([what]);
  });

  it('finds a call that the books do not know', () => {
    expect(failed(checkBills({ ...sound, stored: [] }))).toContain(
      'Nine callers in ten were greeted, or more',
    );
  });
});

describe('looking for processes', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  it.each([
    [
      'a process too many',
      { samples: [sample(0), sample(20, { processes: 5 })] },
      'No process of a call outlives it',
    ],
    ['a zombie', { samples: [sample(0), sample(20, { zombies: 1 })] }, 'No zombie'],
    ['a port', { left: { processes: 0, ports: 1 } }, 'The workers end when asked, and nothing is left'],
    [
      'a worker that did not end',
      { exits: ['0', 'too late'] },
      'The workers end when asked, and nothing is left',
    ],
  ])('finds %s', (_, more, what) => {
    expect(failed(checkProcesses({ ...sound, ...more }))).toEqual([what]);
  });

  it.runIf(process.platform === 'linux')(
    'sees a child of a child, and a zombie',
    { meta: { skippedBecause: 'only Linux tells of processes in /proc' } },
    async () => {
      // The shell in between does not wait for its child, which stays a zombie.
      const child = spawn('sh', ['-c', 'sleep 0.1 & exec sleep 30'], { stdio: 'ignore' });
      children.push(child);
      await once(child, 'spawn');
      const own = () => processTree(process.pid).filter(({ parent }) => parent === child.pid);
      await expect.poll(() => own().length).toBe(1);
      await expect.poll(() => own()[0]?.state).toBe('Z');
      expect(processTree(child.pid ?? 0)).toHaveLength(2);
      expect(pssBytes(child.pid ?? 0)).toBeGreaterThan(1000);
      expect(openFiles(child.pid ?? 0)).toBeGreaterThan(0);
    },
  );
});
