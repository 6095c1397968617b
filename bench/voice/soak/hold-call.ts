import { setTimeout as sleep } from 'node:timers/promises';
import { type Dialled, dial } from '../callers/dial.ts';
import { hearGreeting, takeTurn } from '../callers/take-turn.ts';
import type { Contender } from '../contenders.ts';
import type { VoiceStack } from '../stack.ts';
import type { SoakCall } from './soak-figures.ts';

/** What a caller does, drawn by the seed. */
export type Plan = {
  comesAfterMs: number;
  turns: number;
  /** After the last answer has begun: so hang-ups meet answers and greetings at any point. */
  hangsUpAfterMs: number;
};

/** @param random between 0 and 1 */
export function drawPlan(random: () => number, spreadMs: number): Plan {
  return {
    comesAfterMs: random() * spreadMs,
    turns: Math.floor(random() * 4),
    hangsUpAfterMs: random() * 2500,
  };
}

async function talk(caller: Dialled, turns: number, questions: Int16Array[]): Promise<number> {
  let unanswered = 0;
  for (let turn = 0; turn < turns; turn++) {
    const { latencyMs } = await takeTurn(caller, questions[turn % questions.length] ?? new Int16Array());
    if (latencyMs === undefined) unanswered++;
  }
  return unanswered;
}

/** One call from the first ring to hanging up. */
export async function holdCall(
  stack: VoiceStack,
  agent: Contender,
  userId: string,
  plan: Plan,
  questions: Int16Array[],
): Promise<SoakCall> {
  await sleep(plan.comesAfterMs);
  const caller = await dial(stack, agent, userId);
  const isGreeted = await hearGreeting(caller).then(
    () => true,
    () => false,
  );
  const unanswered = isGreeted ? await talk(caller, plan.turns, questions) : 0;
  await sleep(plan.hangsUpAfterMs);
  const leftAtMs = await caller.hangUp();
  const presentMs = leftAtMs - (caller.firstHeardAtMs() ?? leftAtMs);
  return { callId: caller.callId, presentMs, isGreeted, unanswered };
}
