import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { prepareUtterances } from '../../bench/voice/callers/utterances.ts';
import { checkBills, checkProcesses, checkSoak } from '../../bench/voice/soak/check-soak.ts';
import { readCalls, runSoak } from '../../bench/voice/soak/run-soak.ts';
import type { SoakFigures } from '../../bench/voice/soak/soak-figures.ts';
import { startVoiceStack, type VoiceStack } from '../../bench/voice/stack.ts';
import { mediaServerBinary, needsMediaServer } from '../support/media-server.ts';
import { patience } from '../support/patience.ts';

vi.hoisted(() => {
  // The media client writes debug lines to stdout in every other environment.
  process.env.NODE_ENV = 'production';
});

const failed = (checks: { what: string; holds: boolean }[]) =>
  checks.filter(({ holds }) => !holds).map(({ what }) => what);

describe.skipIf(mediaServerBinary === null)(
  'a small soak of a real worker',
  { ...needsMediaServer, timeout: patience(180_000) },
  () => {
    let stack: VoiceStack;
    let figures: SoakFigures;
    beforeAll(async () => {
      stack = await startVoiceStack();
      figures = await runSoak(
        stack,
        await prepareUtterances(),
        { calls: 6, atOnce: 3, seed: 1 },
        () => undefined,
      );
    });
    afterAll(async () => {
      await stack?.[Symbol.asyncDispose]();
    });

    it('settles every call, bills what was used, and leaves nothing behind', () => {
      expect(figures.calls).toHaveLength(6);
      expect(failed([...checkBills(figures), ...checkProcesses(figures)])).toEqual([]);
      // Three at once are no load under which the database is late.
      expect(figures.stored.map(({ settled_by }) => settled_by)).toEqual(Array(6).fill('worker'));
    });

    it('finds a call in the real books that was opened and never settled', async () => {
      const [userId = ''] = await stack.addPeople(1);
      const callId = randomUUID();
      await stack.sql`select public.open_call(${callId}, ${userId}, ${`call-${callId}`})`;
      const calls = [...figures.calls, { callId, presentMs: 3000, isGreeted: true, unanswered: 0 }];
      const stored = await readCalls(
        stack,
        calls.map((call) => call.callId),
      );
      expect(stored).toHaveLength(7);
      const found = checkSoak({ ...figures, calls, stored });
      expect(failed(found)).toContain('Every call was settled');
    });

    it('finds books that do not add up', async () => {
      await stack.sql`update public.accounts set balance = balance + 7
      where id = (select user_id from public.calls where status = 'settled' limit 1)`;
      const violations = await stack.sql<{ invariant: string; detail: string }[]>`
      select invariant, detail from public.audit_invariants()`;
      const found = checkBills({ ...figures, violations: [...violations] });
      expect(failed(found)).toContain('The books hold (audit_invariants)');
    });
  },
);
