import { type RenewalAnswer, type RenewalRequest, renewalAnswer } from '../../shared/api/renewals.ts';

/** Below what a renewal may take when it comes at half a slice, with time left to ask the database directly. */
const TIMEOUT_MS = 1_500;

/** Reports the use of one call; answers what the database says about it. Rejects when no answer came. */
export type Renewal = (renewal: RenewalRequest) => Promise<RenewalAnswer>;

/**
 * Renewals through the sidecar, which sends those of many calls as one statement. That the worker does not own
 * the call any more is an answer; anything but a whole answer about this very call rejects, and the caller asks
 * the database directly: counters are absolute, so that a report which arrives on both ways counts once.
 * @param url of the sidecar's `/internal/renewals`
 * @param key the service role key, which workers and the sidecar share
 */
export function batchedRenewal(url: string, key: string, request: typeof fetch = fetch): Renewal {
  return async (renewal) => {
    const response = await request(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(renewal),
      // The key must not follow to wherever a redirect points.
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`renewals answered with status ${response.status}`);
    }
    const answer = renewalAnswer.parse(await response.json());
    if (answer.call_id !== renewal.call_id) throw new Error('renewals answered about another call');
    return answer;
  };
}
