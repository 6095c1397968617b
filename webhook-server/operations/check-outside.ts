import { setTimeout as sleep } from 'node:timers/promises';
import type { Dependencies } from '../base/dependencies.ts';
import { onceFor } from '../base/once-for.ts';
import { remember } from '../base/remember.ts';
import { chainsOf } from '../chains/chains.ts';

/** However many probes there are, those outside are asked this often at most. */
const FRESH_MS = 15_000;
const TIMEOUT_MS = 3_000;
/** A probe of ours is answered by then, with what is known. */
const PATIENCE_MS = 100;

/** Which chains lack nodes: `base: 1 of 2 nodes answer`. */
async function askChains(deps: Dependencies): Promise<string> {
  const chains = chainsOf(deps);
  if (chains.length === 0) return 'none set up';
  const asked = await Promise.all(
    chains.map(async ({ name, pool }) => ({ name, answer: await pool.probe(), size: pool.size })),
  );
  const lacking = asked.filter(({ answer, size }) => answer < size);
  return lacking.length === 0
    ? 'ok'
    : lacking.map(({ name, answer, size }) => `${name}: ${answer} of ${size} nodes answer`).join(', ');
}

/** Whether the facilitator, which settles payments of x402 on chains for us, answers what it can do. */
async function askFacilitator({ config, metrics }: Dependencies): Promise<string> {
  const { X402_FACILITATOR_URL: url } = config;
  if (url === undefined) return 'none set up';
  const answers = await fetch(`${url.replace(/\/$/, '')}/supported`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
    .then((response) => response.ok)
    .catch(() => false);
  metrics.facilitatorUp.set(answers ? 1 : 0);
  return answers ? 'ok' : 'unavailable';
}

/** What others run that payments by programs need. None of it takes a replica out of service: the rest goes on without. */
export type OutsideState = { chains: string; facilitator: string };

/** Of one server; `outsideOf` is for all who ask the same. */
export function createOutsideCheck(deps: Dependencies): () => Promise<OutsideState> {
  const ages = { freshMs: FRESH_MS, staleMs: Number.POSITIVE_INFINITY, patienceMs: PATIENCE_MS };
  const ask = remember(async () => {
    const [chains, facilitator] = await Promise.all([askChains(deps), askFacilitator(deps)]);
    return { chains, facilitator };
  }, ages);
  const unknown = { chains: 'not known yet', facilitator: 'not known yet' };
  return () => Promise.race([ask(), sleep(PATIENCE_MS, unknown)]);
}

/** How those outside fare. Never waits for who is slow: it tells what was so some seconds ago, to all who ask the same. */
export const outsideOf = onceFor(createOutsideCheck);
