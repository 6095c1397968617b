/**
 * What each answer and each period of a story has to be, worked out from the story alone: no code of the product, no SQL. Whole
 * numbers throughout.
 */
import { type Count, midnightOf, type PlanCode, type Step, type Story } from './credit-stories.ts';

type Plan = { base: bigint; assets: bigint; credits: bigint; assetMicros: bigint; creditMicros: bigint };
const PLANS: Record<PlanCode, Plan> = {
  STARTER: { base: 400_000n, assets: 200n, credits: 250_000n, assetMicros: 3_000_000n, creditMicros: 2_000n },
  PRO: { base: 900_000n, assets: 1_000n, credits: 1_000_000n, assetMicros: 3_000_000n, creditMicros: 2_000n },
  ENTERPRISE: {
    base: 1_800_000n,
    assets: 3_000n,
    credits: 5_000_000n,
    assetMicros: 2_500_000n,
    creditMicros: 1_500n,
  },
};
/** Credits for so many pieces, and how many of them are a unit. */
const RULES: Record<string, readonly [credits: bigint, per: bigint, unit: number]> = {
  LLM_token_usage: [1n, 1000n, 1000],
  vision_frame_batch: [5n, 100n, 100],
  optimizer_job: [500n, 1n, 1],
  simulator_run: [1000n, 1n, 1],
  tool_call: [1n, 1n, 1],
  voice_minute: [10n, 60n, 60],
};

type Bucket = {
  left: bigint;
  end: number;
  isGift: boolean;
  given: bigint;
  taken: bigint;
  invoice: string;
  age: number;
};
type Period = {
  start: number;
  end: number;
  plan: PlanCode;
  isTrial: boolean;
  included: bigint;
  granted: bigint;
  used: bigint;
};
type Answer = { status: string; burned?: number; remaining?: number };
export type Bill = { start: number; assets: number; used: number; overage: number; subtotal: number };
export type Expected = { answers: Map<number, Answer>; bills: Bill[] };

const halfUp = (value: bigint, by: bigint): bigint => (2n * value + by) / (2n * by);
const DAY_MS = 86_400_000;

/** One tenant's credits in a shoebox. */
class Shoebox {
  readonly bills: Bill[] = [];
  private buckets: Bucket[] = [];
  private owed = 0n;
  private period: Period | undefined;
  private readonly rest = new Map<string, bigint>();
  private readonly told = new Map<string, Answer>();
  private cap: bigint | undefined;
  private ages = 0;
  private readonly zone: string;
  private readonly counts: readonly Count[];
  constructor({ zone, counts }: Story) {
    this.zone = zone;
    this.counts = counts;
  }

  do(step: Step): Answer | undefined {
    this.buckets = this.buckets.filter(({ end }) => end > step.at);
    switch (step.what) {
      case 'period':
        this.begin(step.start, step.end, step.plan, step.isTrial);
        if (step.isTrial && this.period?.granted === 0n)
          this.give(this.period.included, step.end, false, 'trial', true);
        return undefined;
      case 'pay': {
        const { period } = this;
        if (
          period !== undefined &&
          period.start === step.start &&
          step.at < period.end &&
          period.granted < period.included
        )
          this.give(period.included - period.granted, period.end, false, step.invoice, true);
        return undefined;
      }
      case 'upgrade':
        return this.upgrade(step);
      case 'refund': {
        for (const bucket of this.buckets.filter(({ invoice }) => invoice === step.invoice)) {
          const wanted = (bucket.given * BigInt(Math.round(step.share * 4))) / 4n - bucket.taken;
          const take = wanted < bucket.left ? wanted : bucket.left;
          bucket.left -= take;
          bucket.taken += take;
        }
        return undefined;
      }
      case 'promote':
        this.give(BigInt(step.credits), step.at + step.days * DAY_MS, true, '', false);
        return undefined;
      case 'cap':
        this.cap = BigInt(step.cents);
        return undefined;
      default:
        return this.track(step);
    }
  }

  private begin(start: number, end: number, plan: PlanCode, isTrial: boolean): void {
    if (this.period?.start === start) {
      Object.assign(this.period, { end, plan });
      return;
    }
    this.close();
    const full = PLANS[plan].credits;
    const part = isTrial ? (full * BigInt(end - start)) / BigInt(30 * DAY_MS) : full;
    const included = part < full ? part : full;
    this.period = { start, end, plan, isTrial, included, granted: 0n, used: 0n };
  }

  private get ahead(): bigint {
    const { period } = this;
    return period === undefined || period.isTrial || period.granted >= period.included
      ? 0n
      : period.included - period.granted;
  }

  /** The period is over: what is owed beyond what its own payment would have brought is for its bill. */
  close(): void {
    const { period } = this;
    if (period === undefined) return;
    const { plan, isTrial } = period;
    const overage = this.owed > this.ahead ? this.owed - this.ahead : 0n;
    this.owed = 0n;
    this.period = undefined;
    const assets = this.averageOf(period);
    const prices = PLANS[plan];
    const extra = assets > prices.assets ? assets - prices.assets : 0n;
    const subtotal = isTrial
      ? 0n
      : prices.base +
        halfUp(extra * prices.assetMicros, 10_000n) +
        halfUp(overage * prices.creditMicros, 10_000n);
    this.bills.push({
      start: period.start,
      ...{
        assets: Number(assets),
        used: Number(period.used),
        overage: Number(overage),
        subtotal: Number(subtotal),
      },
    });
  }

  /** A night has the last count before its midnight. */
  private averageOf({ start, end }: Period): bigint {
    let [sum, nights] = [0n, 0n];
    for (let day = Math.floor(start / DAY_MS) - 1; ; day++) {
      const midnight = midnightOf(this.zone, day);
      if (midnight > end) break;
      if (midnight <= start) continue;
      const known = this.counts.filter(({ at }) => at < midnight).at(-1);
      if (known === undefined) continue;
      sum += BigInt(known.assets);
      nights++;
    }
    return nights === 0n ? 0n : halfUp(sum, nights);
  }

  private give(credits: bigint, end: number, isGift: boolean, invoice: string, isOfPeriod: boolean): void {
    if (isOfPeriod && this.period) this.period.granted += credits;
    const paid = this.owed < credits ? this.owed : credits;
    this.owed -= paid;
    const bucket = {
      left: credits - paid,
      end,
      isGift,
      given: credits,
      taken: 0n,
      invoice,
      age: this.ages++,
    };
    this.buckets.push(bucket);
  }

  private upgrade({ at, from, to, invoice }: Extract<Step, { what: 'upgrade' }>): undefined {
    const { period } = this;
    if (period === undefined || at >= period.end) return;
    const more = PLANS[to].credits - PLANS[from].credits;
    const part = (more * BigInt(period.end - at)) / BigInt(period.end - period.start);
    period.plan = to;
    period.included += part;
    this.give(part, period.end, false, invoice, true);
  }

  private track({ at, type, units, key }: Extract<Step, { what: 'track' }>): Answer {
    const before = this.told.get(key);
    if (before !== undefined) return before;
    // Nobody told of the next period yet, and it has begun.
    if (this.period !== undefined && at >= this.period.end)
      this.begin(this.period.end, Number.POSITIVE_INFINITY, this.period.plan, false);
    const [credits, per, unit] = RULES[type] ?? [0n, 1n, 1];
    const parts = (this.rest.get(type) ?? 0n) + BigInt(Math.round(units * unit)) * credits;
    const [burn, rest] = [parts / per, parts % per];
    const free = this.buckets.reduce((sum, { left }) => sum + left, 0n);
    const beyond = burn > free ? burn - free : 0n;
    const overage = this.owed + beyond - this.ahead;
    if (beyond > 0n && overage > 0n) {
      const { period } = this;
      const isRefused = period === undefined || period.isTrial || period.granted < period.included;
      if (isRefused) return { status: 'no_credits_left' };
      if (this.cap !== undefined && overage * PLANS[period.plan].creditMicros > this.cap * 10_000n)
        return { status: 'overage_cap_reached' };
    } else if (beyond > 0n && this.period?.isTrial !== false) return { status: 'no_credits_left' };
    let left = burn - beyond;
    const order = this.buckets.toSorted(
      (a, b) => Number(b.isGift) - Number(a.isGift) || a.end - b.end || a.age - b.age,
    );
    for (const bucket of order) {
      const take = left < bucket.left ? left : bucket.left;
      bucket.left -= take;
      left -= take;
    }
    this.owed += beyond;
    this.rest.set(type, rest);
    if (this.period) this.period.used += burn;
    const answer = {
      status: 'tracked',
      burned: Number(burn),
      remaining: Number(free - (burn - beyond) - this.owed + this.ahead),
    };
    this.told.set(key, answer);
    return answer;
  }
}

/** @param end when the year is over: periods that are over by then have their bill */
export function expectedOf(story: Story): Expected {
  const box = new Shoebox(story);
  const answers = new Map<number, Answer>();
  for (const [index, step] of story.steps.entries()) {
    const answer = box.do(step);
    if (answer !== undefined) answers.set(index, answer);
  }
  box.close();
  return { answers, bills: box.bills };
}
