/**
 * What each invoice of a tenant has to come to, worked out from its story alone: no code of the product, no SQL. Amounts in cents,
 * days as people count them.
 */

export type Story = {
  index: number;
  zone: string;
  /** The hour of UTC at which Stripe begins a day of the zone. */
  hour: number;
  startDay: number;
  plan: 'STARTER' | 'PRO';
  isTried: boolean;
  /** In which month of the story, counted from 1; 0: never. */
  upgradeIn: number;
  downgradeIn: number;
  cardFailsIn: number;
  creditedIn: number;
  assets: readonly number[];
  burned: readonly number[];
};

export type Expected = { subtotal: number; tax: number; periodStart: string | null };

const PLANS = {
  STARTER: { base: 400_000, assets: 200, credits: 250_000 },
  PRO: { base: 900_000, assets: 1_000, credits: 1_000_000 },
};
export const MONTHS = 12;
export const YEAR = 2024;
export const TRIAL_DAYS = 14;
/** Ten days, seven hours and 31 minutes into the period. */
export const UPGRADE_AFTER_SECONDS = 10 * 86_400 + 7 * 3_600 + 31 * 60;
const ZONES = [
  ['America/Toronto', 5],
  ['UTC', 0],
  ['Europe/Berlin', 0],
  ['Pacific/Auckland', 0],
  ['America/St_Johns', 4],
] as const;

/** Half a cent goes away from zero. */
const half = (value: number) => Math.sign(value) * Math.round(Math.abs(value));
const taxOf = (cents: number) => half((cents * 13) / 100);

export function storyOf(index: number): Story {
  const [zone, hour] = ZONES[index % ZONES.length] ?? ZONES[0];
  const only = (of: number, rest: number, month: number) => (index % of === rest ? month : 0);
  const plan = index % 10 === 5 || index % 2 === 1 ? 'STARTER' : 'PRO';
  const [upgradeIn, downgradeIn] = [only(10, 5, 4), only(10, 6, 6)];
  const quiet = (month: number) => month === upgradeIn || month === downgradeIn;
  const planIn = (month: number) => planOf({ plan, upgradeIn, downgradeIn }, month);
  const months = Array.from({ length: MONTHS }, (_, at) => at + 1);
  return {
    ...{ index, zone, hour, plan, upgradeIn, downgradeIn },
    startDay: 1 + ((index * 7) % 31),
    isTried: index % 10 === 3,
    cardFailsIn: only(50, 7, 5),
    creditedIn: only(25, 8, 3),
    assets: months.map((month) =>
      quiet(month) ? 150 : PLANS[planIn(month)].assets - 40 + ((index * 37 + month * 13) % 120),
    ),
    burned: months.map((month) =>
      quiet(month) ? 0 : (index * 7_919 + month * 104_729) % Math.round(PLANS[planIn(month)].credits * 1.4),
    ),
  };
}

function planOf(
  { plan, upgradeIn, downgradeIn }: Pick<Story, 'plan' | 'upgradeIn' | 'downgradeIn'>,
  month: number,
): 'STARTER' | 'PRO' {
  if (upgradeIn > 0 && month > upgradeIn) return 'PRO';
  return downgradeIn > 0 && month > downgradeIn ? 'STARTER' : plan;
}

/** The day on which a period begins: that day of a month, or its last one. */
export function beginOf({ startDay, hour, isTried }: Story, month: number): number {
  const first = Date.UTC(YEAR, 0, startDay) / 86_400_000 + (isTried ? TRIAL_DAYS : 0);
  const from = new Date(first * 86_400_000);
  const [year, at, day] = [from.getUTCFullYear(), from.getUTCMonth() + month - 1, from.getUTCDate()];
  const last = new Date(Date.UTC(year, at + 1, 0)).getUTCDate();
  return Date.UTC(year, at, Math.min(day, last), hour) / 1000;
}

/** Midnight of that day where the tenant is, found by looking at clocks there. */
export function midnightOf({ zone }: Story, begin: number): string {
  const day = new Date(begin * 1000).toISOString().slice(0, 10);
  const clock = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  for (let at = Date.parse(`${day}T00:00:00Z`) - 14 * 3_600_000; ; at += 1_800_000) {
    if (clock.format(at) === `${day} 00:00:00`) return new Date(at).toISOString();
  }
}

/** The invoices in the order in which they are made. */
export function expectedOf(story: Story): Expected[] {
  const invoices: Expected[] = [];
  const bill = (lines: readonly number[], begin: number | null) =>
    invoices.push({
      subtotal: lines.reduce((sum, cents) => sum + cents, 0),
      tax: lines.reduce((sum, cents) => sum + taxOf(cents), 0),
      periodStart: begin === null ? null : midnightOf(story, begin),
    });
  if (story.isTried) bill([0], Date.UTC(YEAR, 0, story.startDay, story.hour) / 1000);
  let used: number[] = [];
  for (let month = 1; month <= MONTHS; month++) {
    const { base, assets, credits } = PLANS[planOf(story, month)];
    const begin = beginOf(story, month);
    bill([base, ...used], begin);
    const extra = Math.max(0, (story.assets[month - 1] ?? 0) - assets);
    const over = Math.max(0, (story.burned[month - 1] ?? 0) - credits);
    used = [extra * 300, half(over * 0.2)].filter((cents) => cents > 0);
    if (month !== story.upgradeIn) continue;
    const [end, at] = [beginOf(story, month + 1), begin + UPGRADE_AFTER_SECONDS];
    const rest = (cents: number) => Math.round((cents * (end - at)) / (end - begin));
    bill([-rest(PLANS.STARTER.base), rest(PLANS.PRO.base)], null);
  }
  return invoices;
}
