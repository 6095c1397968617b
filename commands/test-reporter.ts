import { writeFileSync } from 'node:fs';
import {
  AgentReporter,
  type SerializedError,
  type TestCase,
  type TestModule,
  type TestRunEndReason,
  type TestSpecification,
  type Vitest,
} from 'vitest/node';

declare module 'vitest' {
  interface TaskMeta {
    /** What a machine lacks that skips this test or suite; the run's last lines say it. */
    skippedBecause?: string;
  }
}

export type Counts = { passed: number; failed: number; skipped: number };

const PROGRESS_EVERY_MS = 30_000;
const SLOWEST_SHOWN = 10;

const secondsOf = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** A test may be skipped while it runs, with a note, or before, by itself or with a suite around it. */
function reasonOf(test: TestCase): string {
  const result = test.result();
  if (result.state === 'skipped' && result.note) return result.note;
  for (let task: TestCase | TestCase['parent'] = test; ; task = task.parent) {
    const { skippedBecause } = task.meta();
    if (skippedBecause !== undefined) return skippedBecause;
    if (task.type === 'module')
      return task.state() === 'failed' ? 'what goes before failed' : 'no reason given';
  }
}

/** A file that cannot be loaded or whose hooks fail has no failed test. */
const isBrokenFile = (module: TestModule): boolean =>
  module.state() === 'failed' && [...module.children.allTests('failed')].length === 0;

/**
 * Little of a run that goes well: a line every half a minute, then what was skipped and why, and the slowest files.
 * Failures come with their stacks and with what those tests wrote; what passing tests write is not shown.
 */
export default class TestReporter extends AgentReporter {
  #files = 0;
  #ended: TestModule[] = [];
  readonly #running = new Set<string>();
  #progress: NodeJS.Timeout | undefined;

  override onInit(ctx: Vitest): void {
    super.onInit(ctx);
    this.silent = 'passed-only';
  }

  override onTestRunStart(specifications: readonly TestSpecification[]): void {
    super.onTestRunStart(specifications);
    this.#files = specifications.length;
    this.#progress = setInterval(() => this.#showProgress(), PROGRESS_EVERY_MS);
    this.#progress.unref();
  }

  onTestModuleStart(module: TestModule): void {
    this.#running.add(module.relativeModuleId);
  }

  override onTestModuleEnd(module: TestModule): void {
    super.onTestModuleEnd(module);
    this.#running.delete(module.relativeModuleId);
    this.#ended.push(module);
  }

  override onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    clearInterval(this.#progress);
    super.onTestRunEnd(modules, errors, reason);
    if (reason === 'interrupted') this.log('The run was interrupted before its end.');
    const file = process.env.MINDBOT_TEST_COUNTS;
    if (file !== undefined) writeFileSync(file, JSON.stringify(countTests(modules, errors.length, reason)));
  }

  override reportTestSummary(): void {
    const skipped = Map.groupBy(
      this.#tests().filter((test) => test.result().state === 'skipped'),
      (test) => `${test.module.relativeModuleId}: ${reasonOf(test)}`,
    );
    this.log();
    for (const [where, tests] of skipped) this.log(`Skipped ${tests.length} in ${where}`);
    this.log(`${this.#ended.length} files in ${secondsOf(this.end - this.start)}; the slowest:`);
    const slowest = this.#ended
      .map((module) => ({ name: module.relativeModuleId, tookMs: module.diagnostic().duration }))
      .toSorted((a, b) => b.tookMs - a.tookMs);
    for (const { name, tookMs } of slowest.slice(0, SLOWEST_SHOWN))
      this.log(`${secondsOf(tookMs).padStart(10)}  ${name}`);
  }

  #tests = (): TestCase[] => this.#ended.flatMap((module) => [...module.children.allTests()]);

  #showProgress(): void {
    const tests = this.#tests();
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const minutes = ((performance.now() - this.start) / 60_000).toFixed(1);
    const done = `${this.#ended.length} of ${this.#files} files, ${count('passed')} passed, ${count('failed')} failed`;
    this.log(`${minutes.padStart(5)} min  ${done}; now ${[...this.#running].join(', ')}`);
  }
}

/** Failures are failed tests, broken files, and errors outside of both: the last line never hides one. */
function countTests(modules: readonly TestModule[], errors: number, reason: TestRunEndReason): Counts {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const count = (state: string) => tests.filter((test) => test.result().state === state).length;
  const failed = count('failed') + modules.filter(isBrokenFile).length + errors;
  return {
    passed: count('passed'),
    failed: failed === 0 && reason === 'interrupted' ? 1 : failed,
    skipped: count('skipped'),
  };
}
