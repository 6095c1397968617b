import { createBank, overSql } from '../time/bank.ts';
import { giveTime, lapse } from '../time/people.ts';
import type { Caller } from './sidecar-bench.ts';
import type { SidecarProcess } from './sidecar-process.ts';
import { eventually } from './wait.ts';

export type SidecarWork = { purchases: number; deadCalls: number; liveCalls: number };

/** After a restart everything that is due is looked at within seconds, on a machine that is not busy. */
export const HEALS_WITHIN_MS = 30_000;
/** What the caller has beside what is bought, enough for a whole slice each, and what each call reports. */
export const OWNED_SECONDS = 3600;
export const USED_MS = 12_345;

/** Everything that is about to happen when the sidecar is killed. */
export async function arrange(bench: SidecarProcess, one: SidecarWork) {
  const { sql } = bench;
  const bank = createBank(overSql(sql));
  const [buyer, friend, caller] = [await bench.person(), await bench.person(), await bench.person()];
  await bench.pay(buyer, 'starter', 'gift');
  const gift = await eventually(async () => {
    const [row] = await sql<
      { id: string }[]
    >`select id from public.time_cards where purchaser_id = ${buyer.id}`;
    return row?.id;
  }, HEALS_WITHIN_MS);
  if (gift === undefined) throw new Error('the gift has no card');
  const intents: string[] = [];
  for (let i = 0; i < one.purchases; i++) intents.push(await bench.begin(caller, 'starter', 'me'));
  await sql.begin((transaction) => giveTime(transaction, caller.id, OWNED_SECONDS));
  const open = async () => {
    const callId = crypto.randomUUID();
    await bank.open(caller.id, { callId, slice: 15, max: 64, margin: 600 });
    return callId;
  };
  const dead: string[] = [];
  const live: string[] = [];
  for (let i = 0; i < one.deadCalls; i++) dead.push(await open());
  for (let i = 0; i < one.liveCalls; i++) live.push(await open());
  for (const callId of dead) {
    await bank.renew(callId, 1, USED_MS);
    await lapse(sql, callId);
  }
  return { bank, friend, caller, gift, intents, dead, live };
}

/** Repeats a request until somebody answers it for good. */
export async function activateUntilAnswered(
  bench: SidecarProcess,
  friend: Caller,
  code: string,
): Promise<boolean> {
  const answer = await eventually(
    async () => {
      const response = await bench
        .post('/activate', { token: friend.token, body: { code } })
        .catch(() => undefined);
      return response !== undefined && [200, 409].includes(response.status) && response;
    },
    HEALS_WITHIN_MS,
    20,
  );
  return answer !== undefined;
}

/** Reports the use of live calls through the sidecar's batches, where it has them, and straight where it does not answer. */
export async function renewUntilAnswered(
  bench: SidecarProcess,
  bank: ReturnType<typeof createBank>,
  live: string[],
): Promise<void> {
  await Promise.all(
    live.map(async (callId) => {
      const body = { call_id: callId, epoch: 1, used_ms: USED_MS };
      const answer = await bench.post('/internal/renewals', { body, isService: true }).catch(() => undefined);
      if (answer?.status !== 200) await bank.renew(callId, 1, USED_MS);
    }),
  );
}
