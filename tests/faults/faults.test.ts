import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { IS_LONG_RUN, times } from '../support/long-run.ts';
import { patience } from '../support/patience.ts';
import type { Row } from './define-row.ts';
import { ROWS } from './rows/all-rows.ts';
import { holds, runRow } from './run-row.ts';
import { type Sabotage, startWorld, type World } from './world.ts';

vi.hoisted(() => {
  // The media client writes debug lines to stdout in every other environment.
  process.env.NODE_ENV = 'production';
});

/** Always the same cases here; `npm run faults` plays others each time, and many more. */
const SEED = 20261120;
const AT_ONCE = 6;
/** Several cases and a control, three rows at once: on a busy machine a row takes minutes. */
const LIMIT_MS = patience(300_000);

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

/** A few cases of each row, and one negative control. */
describe.concurrent('the fault matrix', () => {
  // By voice a case takes a minute: the long run has it.
  const isPlayed = ({ name, cases }: Row) => cases.short > 0 && (IS_LONG_RUN || name !== 'livekit');
  for (const row of ROWS.filter(isPlayed)) {
    test(
      `${row.number} ${row.title}`,
      async (context) => {
        const missing = row.missing();
        if (missing !== undefined) return context.skip(missing);
        const cases = times(Math.ceil(row.cases.short / 2), row.cases.short);
        const choice = { seed: SEED, cases, atOnce: AT_ONCE };
        // By voice one case is long enough; its control is played by the long run.
        const report = await runRow(row, world, choice, row.name === 'livekit' ? 0 : 1);
        expect(report.violations).toEqual([]);
        expect(report.cases).toBe(cases);
        expect(report).toSatisfy(holds);
      },
      LIMIT_MS,
    );
  }
});

/** The long run plays them all; that it can is known at once. */
describe.concurrent('the guard that a control removes is still there', () => {
  // A variant is no text that could be gone: only playing it shows that it is caught. And a server's own settings are
  // for the row that has a server of its own.
  const isText = (control: Sabotage) =>
    (control.cuts ?? control.sources ?? control.statements) !== undefined &&
    !control.statements?.some((statement) => statement.startsWith('alter system'));
  const controls = ROWS.flatMap(({ number, controls }) =>
    controls.filter(isText).map((control) => ({ number, ...control })),
  );
  test.each(controls)('$number: $name', async (control) => {
    const database = await world.openDatabase(control);
    await database.close();
    for (const [file, right] of control.sources ?? []) expect(readFileSync(file, 'utf8')).toContain(right);
  });
});
