import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { IS_LONG_RUN } from './tests/support/long-run.ts';
import { measureSlowness, patience } from './tests/support/patience.ts';

// Workers inherit it: what this machine is like is measured once.
process.env.MINDBOT_TEST_SLOWNESS ??= String(measureSlowness());

/** What goes by the clock: voice, which is heard wrongly where it comes late, and faults at ten times the speed. */
const REAL_TIME = [
  'tests/faults/*.test.ts',
  'tests/voice/**/*.test.ts',
  'tests/livekit-server/*.long.test.ts',
  'tests/browser/{call,desk}-in-browser*.test.ts',
  'tests/agent/{worker,spoken-call,turn-taking,recover-stt,stt-spoken}*.test.ts',
  'tests/measures/measured-{worker,spoken-call}*.test.ts',
  'tests/speech/{listen,plugins}.test.ts',
];
const LEFT_OUT = [...configDefaults.exclude, ...(IS_LONG_RUN ? [] : ['**/*.long.test.ts'])];

/** What takes longest begins first, so that nothing is waited for alone at the end. Vitest knows that of a second run. */
const LONGEST = [
  'tests/faults/faults.test.ts',
  'tests/agent/worker.test.ts',
  'tests/agent/spoken-call.test.ts',
  'tests/voice/top-up-call.test.ts',
  'tests/access/attacks.test.ts',
  'tests/time/property.test.ts',
  'tests/conversation/local-model.test.ts',
  'tests/browser/buying.test.ts',
  'tests/webhook-server/replay.test.ts',
];
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((file) => moduleId.endsWith(file));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    globalSetup: ['tests/support/postgres.ts'],
    // Nothing that goes well comes near these: they end what hangs.
    testTimeout: patience(120_000),
    hookTimeout: patience(120_000),
    expect: { poll: { timeout: patience(10_000), interval: 20 } },
    silent: 'passed-only',
    // Rows of the fault matrix: more of them at once starve each other, and time runs ten times as fast there.
    maxConcurrency: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'real time',
          include: REAL_TIME,
          exclude: LEFT_OUT,
          // Much of it is waiting; more of them at once on two cores only make each other late.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'other',
          include: ['{agent,tests}/**/*.test.ts'],
          exclude: [...LEFT_OUT, ...REAL_TIME],
          // Much of what these take is waiting.
          maxWorkers: 3,
          // Most of what is left is to load the product; a worker loads it once for all its files.
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
