import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { times } from '../support/long-run.ts';
import { expectFound, type Mistake } from '../support/mistakes.ts';
import { testWithDatabase as test } from '../support/test-with-database.ts';
import { lapse, violations } from '../time/people.ts';
import { MEASURES, settle, talker } from './usage.ts';

const CALLS = 3;
/** Of one tool, two uses that end alike: each is an event. */
const MEASURED = { ...MEASURES, tools: [{ tool: 'recall', ok: 2, failed: 1 }] };
type Step =
  | { do: 'settle' | 'crash' | 'reap'; call: number; seconds: number; measured: boolean }
  | { do: 'break'; what: 'all' | 'tools' }
  | { do: 'mend' }
  | { do: 'heal' };

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom('settle', 'settle', 'settle', 'crash', 'reap'),
        call: fc.nat(CALLS - 1),
        seconds: fc.nat(30),
        measured: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('break'), what: fc.constantFrom('all', 'tools') }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('mend', 'heal') }) },
  ),
  { minLength: 3, maxLength: 16 },
) as fc.Arbitrary<Step[]>;

/** What keeps events from being written: all, or a part of them. */
const BROKEN = { all: 'false', tools: `kind <> 'tool_call'` };

async function play({ sql }: TestDatabase, history: Step[]): Promise<void> {
  const userId = await talker(sql);
  const calls: { id: string; seconds?: number; measured?: boolean }[] = [];
  for (let count = 0; count < CALLS; count++) {
    const id = randomUUID();
    await sql`select open_call(${id}, ${userId}, ${id}, 3600, 15, 100)`;
    calls.push({ id });
  }
  const mend = () => sql`alter table usage_events drop constraint if exists broken`;
  const heal = () => sql`select record_missing_usage()`;
  try {
    for (const step of history) {
      if (step.do === 'mend') await mend();
      else if (step.do === 'heal') await heal();
      else if (step.do === 'break') {
        await mend();
        await sql.unsafe(
          `alter table usage_events add constraint broken check (${BROKEN[step.what]}) not valid`,
        );
      } else {
        const call = calls[step.call] as (typeof calls)[number];
        const measures = step.measured ? MEASURED : null;
        if (step.do === 'crash') {
          // The worker, or the database, dies before the commit.
          await sql
            .begin(async (sql) => {
              await settle(sql, call.id, step.seconds, measures);
              throw new Error('died');
            })
            .catch((error: Error) => expect(error.message).toBe('died'));
        } else {
          if (step.do === 'settle') await settle(sql, call.id, step.seconds, measures);
          else {
            await lapse(sql, call.id);
            await sql`select reap_calls()`;
          }
          // The first one counts.
          call.seconds ??= step.do === 'settle' ? step.seconds : 0;
          call.measured ??= step.do === 'settle' && step.measured;
        }
      }
    }
  } finally {
    await mend();
  }
  await heal();
  await heal();
  const rows = await sql`select call_id, sum(quantity) filter (where kind = 'voice_second')::int as seconds,
      (count(*) filter (where kind = 'tool_call'))::int as tools, (sum(quantity) filter (where kind like 'llm%'))::int as tokens
    from usage_events where owner_id = ${userId} group by call_id`;
  const used = (id: string) => rows.find(({ call_id }) => call_id === id);
  for (const { id, seconds, measured } of calls) {
    const expected = { seconds: seconds || null, tools: measured ? 3 : 0, tokens: measured ? 1050 : null };
    const { call_id: _, ...found } = used(id) ?? { call_id: id, seconds: null, tools: 0, tokens: null };
    expect(found).toEqual(expected);
  }
}

const MISTAKES: Mistake[] = [
  [
    'a second of voice has another name each time',
    'private.seconds_of_call',
    `'call:' || c.id || ':voice'`,
    `'call:' || gen_random_uuid() || ':voice'`,
  ],
  [
    'what could not be recorded is not noted',
    'private.record_call_usage',
    'insert into private.usage_to_record (call_id, reason) values (new.id, sqlstate) on conflict do nothing',
    'null',
  ],
  [
    'a failure of recording fails the settlement',
    'private.record_call_usage',
    'exception when others then\n  raise',
    'exception when unique_violation then\n  raise',
  ],
  [
    'uses of one tool are one event',
    'private.measured_usage_of_call',
    `':' || o.outcome || ':' || n`,
    `'' || o.outcome || ''`,
  ],
];

describe('usage of calls', () => {
  test('is recorded exactly once, whatever is repeated, reaped, cut off or broken meanwhile', async ({
    db,
  }) => {
    await fc.assert(
      fc.asyncProperty(steps, (history) => play(db, history)),
      { numRuns: times(15, 300) },
    );
    expect(await violations(db.sql)).toEqual([]);
  });

  test.for(MISTAKES)('finds: %s', async (mistake, { db }) => {
    await expectFound(
      db,
      mistake,
      fc.asyncProperty(steps, (history) => play(db, history)),
      60,
    );
  });
});
