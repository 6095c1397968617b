import type postgres from 'postgres';
import { violations } from '../time/people.ts';
import type { Findings } from './findings.ts';
import { eventually } from './wait.ts';

/** The constants of a call, a tenth of production's: what a case only waits for shall be short. */
export const SCALED = { sliceSeconds: 3, leaseMarginSeconds: 1, reconnectGraceSeconds: 3 };
/** How often the harness reaps; production does every 5 s. */
const SWEEP_MS = 500;
/** Longer than a job waits for a caller who does not come. */
const SETTLED_WITHIN_MS = 90_000;

export type CallRow = {
  status: string;
  epoch: number;
  used_ms: string;
  granted_seconds: number;
  charged_seconds: number | null;
  settled_by: string | null;
};

export async function callRow(sql: postgres.Sql, callId: string): Promise<CallRow | undefined> {
  const [row] = await sql<CallRow[]>`
    select status, epoch, used_ms, granted_seconds, charged_seconds, settled_by
    from public.voice_sessions where id = ${callId}`;
  return row;
}

/** Settles what no worker settles, all the time, as the sidecar's timer does. */
export function startReaper(sql: postgres.Sql): { stop(): void } {
  let sweep = Promise.resolve();
  const timer = setInterval(() => {
    // One at a time; a failed sweep shows as a call that nobody settles.
    sweep = sweep
      .then(() => sql`select public.reap_calls()`)
      .then(
        () => {},
        () => {},
      );
  }, SWEEP_MS);
  return { stop: () => clearInterval(timer) };
}

/** The row once its bill is written; undefined when the call was never opened. */
export async function settledRow(
  sql: postgres.Sql,
  callId: string,
  findings: Findings,
): Promise<CallRow | undefined> {
  // A request that was on its way when its sender died may still arrive.
  if ((await eventually(() => callRow(sql, callId), 1000)) === undefined) return undefined;
  const row = await eventually(async () => {
    const seen = await callRow(sql, callId);
    return seen?.status === 'settled' && seen;
  }, SETTLED_WITHIN_MS);
  findings.expect(row !== undefined, `call ${callId} was never settled`);
  return row;
}

/** Both clocks round to whole milliseconds, each at the beginning and at the end. */
const RESOLUTION_MS = 2;

/** The most that an operator may lose by one fault: a slice, and the interval between two reports. */
export const lossBound = (sliceSeconds: number): number => sliceSeconds * 1.5;

/**
 * Holds a bill against the harness' own clock: never more than was served, never much less.
 * @param served milliseconds, at least and at most
 */
export function judgeBill(
  findings: Findings,
  row: CallRow | undefined,
  served: { leastMs: number; mostMs: number },
  sliceSeconds = SCALED.sliceSeconds,
): void {
  const chargedSeconds = row?.charged_seconds ?? 0;
  const lossSeconds = Math.max(0, served.leastMs / 1000 - chargedSeconds);
  const overchargeSeconds = Math.max(0, chargedSeconds - (served.mostMs + RESOLUTION_MS) / 1000);
  findings.lossSeconds.push(lossSeconds);
  findings.overchargeSeconds.push(overchargeSeconds);
  const bound = lossBound(sliceSeconds);
  findings.expect(lossSeconds <= bound, `${lossSeconds.toFixed(2)} s were lost, ${bound} s may be`);
  findings.expect(
    overchargeSeconds === 0,
    `charged ${chargedSeconds} s for ${(served.mostMs / 1000).toFixed(3)} s on the line`,
  );
}

/** Holds the whole database against its invariants. */
export async function audit(findings: Findings, sql: postgres.Sql): Promise<void> {
  for (const { invariant, detail } of await violations(sql))
    findings.violations.push(`${invariant}: ${detail}`);
}
