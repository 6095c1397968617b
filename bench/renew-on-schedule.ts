import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { Lateness } from './lateness.ts';
import { APPLICATION } from './sample-waits.ts';

export type Schedule = {
  /** Of all calls, in the order in which they are due within each period. */
  callIds: readonly string[];
  batch: number;
  connections: number;
  periodMs: number;
  seconds: number;
};

export type ScheduleOutcome = {
  lateness: Lateness;
  renewed: number;
  /** Everything but `renewed`, and what was thrown, with how often. */
  refused: Record<string, number>;
  /** From sending a batch to having its answers. */
  batchMs: number[];
  /** From the first batch due until the last answer. */
  elapsedMs: number;
};

type Batch = {
  firstDueMs: number;
  ids: string;
  epochs: string;
  usedMs: string;
  restored: string;
  size: number;
};

/** What does not change from period to period is written once: the client shares the machine with the server. */
function prepareBatches({ callIds, batch }: Schedule) {
  const same = (value: string, size: number) => `{${Array(size).fill(value).join(',')}}`;
  const slices = Array.from({ length: Math.ceil(callIds.length / batch) }, (_, nr) =>
    callIds.slice(nr * batch, (nr + 1) * batch),
  );
  const ids = slices.map((slice) => `{${slice.join(',')}}`);
  return (nr: number, firstDueMs: number, usedMs: number): Batch => {
    const size = slices[nr]?.length ?? 0;
    return {
      firstDueMs,
      size,
      ids: ids[nr] ?? '{}',
      epochs: same('1', size),
      usedMs: same(String(usedMs), size),
      restored: same('0', size),
    };
  };
}

/** All batches of the run, each when its last renewal is due: those before it have waited to be gathered. */
function* batchesOf(schedule: Schedule): Generator<{ dueMs: number; batch: () => Batch }> {
  const { callIds, batch, periodMs, seconds } = schedule;
  const make = prepareBatches(schedule);
  const perPeriod = Math.ceil(callIds.length / batch);
  const apartMs = periodMs / callIds.length;
  for (let nr = 0; ; nr++) {
    const period = Math.floor(nr / perPeriod);
    const inPeriod = nr % perPeriod;
    const firstDueMs = period * periodMs + inPeriod * batch * apartMs;
    if (firstDueMs >= seconds * 1000) return;
    const usedMs = (period + 1) * periodMs;
    yield {
      dueMs: firstDueMs + batch * apartMs,
      batch: () => make(inPeriod, firstDueMs, usedMs),
    };
  }
}

const PROGRESS_MS = 5_000;

const RENEW = `select call_id, status, granted_seconds, free_seconds, final
  from public.renew_calls($1::uuid[], $2::int[], $3::bigint[], $4::bigint[])`;

/**
 * Renews by the clock, whether or not the database keeps up: what cannot be sent when due is late, and counts as
 * late from when it was due. (A client that waits for its last answer before it looks at the clock would hide that.)
 */
export async function renewOnSchedule(
  url: string,
  schedule: Schedule,
  progress: (text: string) => void,
): Promise<ScheduleOutcome> {
  const lateness = new Lateness();
  const outcome = { renewed: 0, refused: {} as Record<string, number>, batchMs: [] as number[] };
  const refuse = (status: string) => {
    outcome.refused[status] = (outcome.refused[status] ?? 0) + 1;
  };
  const apartMs = schedule.periodMs / schedule.callIds.length;
  const queue = batchesOf(schedule);
  const connections = Array.from({ length: schedule.connections }, () =>
    postgres(url, { max: 1, onnotice() {}, connection: { application_name: APPLICATION } }),
  );
  await Promise.all(connections.map((sql) => sql`select 1`));
  const startedAt = performance.now();
  const nowMs = () => performance.now() - startedAt;
  let lateMs = 0;
  const ticker = setInterval(
    () => progress(`${outcome.renewed} renewed, the last ones ${lateMs.toFixed(0)} ms after they were due`),
    PROGRESS_MS,
  );

  async function serve(sql: postgres.Sql): Promise<void> {
    for (const { dueMs, batch: prepare } of queue) {
      const batch = prepare();
      const earlyMs = dueMs - nowMs();
      if (earlyMs > 0) await sleep(Math.ceil(earlyMs));
      const sentMs = nowMs();
      try {
        const parameters = [batch.ids, batch.epochs, batch.usedMs, batch.restored];
        for (const row of await sql.unsafe(RENEW, parameters, { prepare: true })) {
          if (row.status === 'renewed') outcome.renewed += 1;
          else refuse(String(row.status));
        }
      } catch (error) {
        refuse(error instanceof Error ? error.message : String(error));
      }
      const answeredMs = nowMs();
      outcome.batchMs.push(answeredMs - sentMs);
      lateMs = answeredMs - dueMs;
      for (let i = 0; i < batch.size; i++) {
        const dueAtMs = batch.firstDueMs + i * apartMs;
        lateness.add(answeredMs - dueAtMs, dueAtMs);
      }
    }
  }

  // Iterating one generator from several loops hands each batch to one of them.
  await Promise.all(connections.map(serve));
  const elapsedMs = nowMs();
  clearInterval(ticker);
  await Promise.all(connections.map((sql) => sql.end()));
  return { lateness, ...outcome, elapsedMs };
}
