import type postgres from 'postgres';
import type { Dependencies } from '../../webhook-server/base/dependencies.ts';
import type { JobHandler } from '../../webhook-server/base/job.ts';
import { createBoss, workEffects } from '../../webhook-server/queue/start-queue.ts';
import { until } from './sidecar.ts';

type Bench = { deps: Dependencies; database: { sql: postgres.Sql } };

const DUE = ['created', 'retry'];

/** Works one kind of jobs, as a replica does, until nothing of it is due. */
export async function workJobs(bench: Bench, kind: string, handle: JobHandler): Promise<void> {
  const { deps, database } = bench;
  const boss = createBoss(deps.config.DATABASE_URL, { isWorking: false });
  const errors: unknown[] = [];
  boss.on('error', (error) => errors.push(error));
  await boss.start();
  try {
    await workEffects(deps, boss, [{ kind, handle }]);
    await until(async () => {
      const [row] = await database.sql`select count(*)::int as n from pgboss.job where name = ${kind}
        and (state = 'active' or state = any(${DUE}::pgboss.job_state[]) and start_after <= now())`;
      return row?.n === 0 || errors.length > 0;
    });
  } finally {
    await boss.stop();
  }
  if (errors.length > 0) throw errors[0];
}

/** Lets the time come of all that was put off. */
export async function makeAllDue({ database: { sql } }: Bench): Promise<void> {
  await sql`update pgboss.job set start_after = now() where state = any(${DUE}::pgboss.job_state[])`;
}

/** What a replica finds, sooner or later, when another one has died in the middle of jobs. */
export async function findLostJobs({ deps, database: { sql } }: Bench): Promise<void> {
  await sql`update pgboss.job set started_on = now() - interval '1 hour', heartbeat_on = now() - interval '1 hour'
    where state = 'active'`;
  await sweep({ deps, database: { sql } });
}

/** One look of the supervisor, now. */
async function sweep({ deps, database: { sql } }: Bench): Promise<void> {
  await sql`update pgboss.queue set monitor_claim_on = null, monitor_on = null`;
  const boss = createBoss(deps.config.DATABASE_URL, { isWorking: false });
  boss.on('error', () => undefined);
  await boss.start();
  await boss.supervise();
  await boss.stop();
}
