import type { PricingResponse } from '../../shared/api/pricing.ts';
import { figuresIn, hasRun, secondsIn } from './figures.ts';
import type { Turn } from './hold-dialogue.ts';

export type Check = { what: string; holds: boolean; detail: string };

/** What was asked, in the order of the questions. */
export const QUESTIONS = [
  'How much time do I have left?',
  'What are your prices?',
  'What has this call cost so far?',
  'Goodbye.',
];

/** The agent names its figures a moment before they are heard, and speaks whole seconds. */
const SPOKEN_TOLERANCE_SECONDS = 2;

const within = (a: number | undefined, b: number, tolerance: number) =>
  a !== undefined && Math.abs(a - b) <= tolerance;

/** Figures of a package as they are spoken: its time, then its price. */
function spokenFigures(minutes: number, cents: number): number[] {
  const time = [Math.floor(minutes / 60), minutes % 60].filter((part) => part > 0);
  return [...time, Math.floor(cents / 100), ...(cents % 100 > 0 ? [cents % 100] : [])];
}

/** Compares what was heard with what the caller's own clock and the price list say. */
export function checkDialogue(
  turns: readonly Turn[],
  pricing: PricingResponse,
  boughtSeconds: number,
): Check[] {
  const agent = turns.filter((turn) => turn.speaker === 'agent');
  const [greeting, balance, prices, cost] = agent;
  if (!greeting || !balance || !prices || !cost) {
    return [
      { what: 'The agent answered every question', holds: false, detail: `${agent.length} utterances heard` },
    ];
  }
  const usedAt = (turn: Turn) => Math.round((turn.atMs - greeting.atMs) / 1000);
  const left = secondsIn(balance.text);
  const used = secondsIn(cost.text.split('time')[0] ?? '');
  const heard = figuresIn(prices.text);
  const missing = pricing.packages.filter(
    (offer) => !hasRun(heard, spokenFigures(offer.total_minutes, offer.price_cents)),
  );
  return [
    {
      what: 'The balance heard is right',
      holds: within(left, boughtSeconds - usedAt(balance), SPOKEN_TOLERANCE_SECONDS),
      detail: `heard ${left} s, own clock says ${boughtSeconds - usedAt(balance)} s`,
    },
    {
      what: `All ${pricing.packages.length} prices heard are right`,
      holds: missing.length === 0,
      detail:
        missing.length === 0
          ? 'time and price of each'
          : `not heard: ${missing.map(({ name }) => name).join(', ')}`,
    },
    {
      what: 'The cost so far heard is right',
      holds: within(used, usedAt(cost), SPOKEN_TOLERANCE_SECONDS),
      detail: `heard ${used} s, own clock says ${usedAt(cost)} s`,
    },
  ];
}

/** The bill against the caller's own presence clock, and the books. */
export function checkBill(
  { used_ms, charged_seconds }: { used_ms: number; charged_seconds: number },
  presenceMs: number,
  violations: readonly unknown[],
): Check[] {
  return [
    {
      what: 'The seconds billed match the presence clock',
      holds: within(used_ms, presenceMs, 1_000) && charged_seconds === Math.floor(used_ms / 1000),
      detail: `billed ${charged_seconds} s of ${(used_ms / 1000).toFixed(1)} s, present ${(presenceMs / 1000).toFixed(1)} s`,
    },
    { what: 'I1 to I6 hold', holds: violations.length === 0, detail: `${violations.length} violations` },
  ];
}
