import type { JobResult, JobWithMetadata } from 'pg-boss';
import type { Dependencies } from '../base/dependencies.ts';
import { describeFailure, isPermanent } from '../base/failures.ts';
import type { JobHandler } from '../base/job.ts';
import { errorsOf } from '../base/track-errors.ts';

export type Effect = { kind: string; handle: JobHandler };

/**
 * One attempt at a job, and what becomes of the job then: done, to be tried again, or given up, with an alarm.
 * Never throws.
 */
export async function doEffect(
  deps: Dependencies,
  { kind, handle }: Effect,
  job: JobWithMetadata<object>,
): Promise<JobResult> {
  const { id, singletonKey, data: payload, retryCount, retryLimit, createdOn } = job;
  const key = singletonKey ?? id;
  const attempt = retryCount + 1;
  const ageSeconds = (deps.now().getTime() - createdOn.getTime()) / 1000;
  const settle = (outcome: string) => deps.metrics.jobOutcomes.inc({ kind, outcome });
  try {
    const outcome = await handle(deps, { id, key, payload, attempt, ageSeconds });
    settle(outcome);
    return { id, status: 'completed', output: { outcome } };
  } catch (error) {
    const reason = describeFailure(error);
    const line = { kind, job_id: id, job_key: key, attempt, reason };
    if (isPermanent(error) || retryCount >= retryLimit) {
      settle('given_up');
      errorsOf(deps).capture(error, { area: 'jobs', where: kind, code: 'given_up' });
      deps.logger.error(line, 'a job is given up: an operator has to look, and can retry it');
      return { id, status: 'deadletter', output: { reason } };
    }
    settle('failed');
    deps.logger.warn(line, 'a job failed; it is tried again');
    return { id, status: 'failed', output: { reason } };
  }
}
