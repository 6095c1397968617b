/** What happens to a tenant in a year, made of its number alone. Times in milliseconds. */

export type Step =
  | { at: number; what: 'period'; start: number; end: number; plan: PlanCode; isTrial: boolean }
  | { at: number; what: 'pay'; start: number; end: number; invoice: string }
  | { at: number; what: 'track'; type: string; units: number; key: string }
  | { at: number; what: 'upgrade'; from: PlanCode; to: PlanCode; invoice: string }
  | { at: number; what: 'refund'; invoice: string; share: number }
  | { at: number; what: 'promote'; credits: number; days: number }
  | { at: number; what: 'cap'; cents: number };
export type PlanCode = 'STARTER' | 'PRO' | 'ENTERPRISE';
export type Count = { at: number; assets: number };
export type Story = { index: number; zone: string; steps: Step[]; counts: Count[] };

const ZONES = [
  ...['America/Toronto', 'UTC', 'Europe/Berlin', 'Pacific/Auckland', 'America/St_Johns'],
  // Its clocks change at midnight.
  'America/Santiago',
];
const YEAR = 2024;
const DAY_MS = 86_400_000;

/** Numbers between 0 and 1 that are the same for the same seed. */
function dice(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const clocks = new Map<string, Intl.DateTimeFormat>();
const dayOf = (zone: string, at: number): string => {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short' });
    clocks.set(zone, clock);
  }
  return clock.format(at);
};
const midnights = new Map<string, number>();

/** The first moment of a day where the tenant is, found by looking at clocks there. @param day counted from the epoch */
export function midnightOf(zone: string, day: number): number {
  const key = `${zone} ${day}`;
  const known = midnights.get(key);
  if (known !== undefined) return known;
  const wanted = new Date(day * DAY_MS).toISOString().slice(0, 10);
  let [before, after] = [day * DAY_MS - DAY_MS, day * DAY_MS + DAY_MS];
  while (after - before > 1000) {
    const middle = Math.floor((before + after) / 2000) * 1000;
    if (dayOf(zone, middle) < wanted) before = middle;
    else after = middle;
  }
  midnights.set(key, after);
  return after;
}

/** Days from the epoch to a day of the year's month, or to the last one of a month that has no such day. */
function dayIn(month: number, day: number): number {
  const last = new Date(Date.UTC(YEAR, month + 1, 0)).getUTCDate();
  return Date.UTC(YEAR, month, Math.min(day, last)) / DAY_MS;
}

const TYPES: readonly (readonly [type: string, most: number, pieces: number])[] = [
  ['LLM_token_usage', 120_000, 1000],
  ['vision_frame_batch', 30_000, 100],
  ['optimizer_job', 300, 1],
  ['simulator_run', 220, 1],
  ['tool_call', 900, 1],
  ['voice_minute', 2_000, 60],
];

export function storyOf(index: number, events: number): Story {
  const roll = dice(index + 1);
  const zone = ZONES[index % ZONES.length] ?? 'UTC';
  const steps: Step[] = [];
  const anchor = 1 + Math.floor(roll() * 31);
  let plan: PlanCode = (['STARTER', 'PRO', 'ENTERPRISE'] as const)[Math.floor(roll() * 3)] ?? 'PRO';
  const hasTrial = roll() < 0.15;
  const upgradeIn = roll() < 0.15 ? 1 + Math.floor(roll() * 10) : -1;
  const downgradeIn = roll() < 0.15 ? 2 + Math.floor(roll() * 9) : -1;
  const track = (start: number, end: number) => {
    for (let n = 0; n < events; n++) {
      const [type, most, pieces] = TYPES[Math.floor(roll() * TYPES.length)] ?? TYPES[0] ?? ['', 0, 1];
      const scale = plan === 'STARTER' ? 0.25 : plan === 'PRO' ? 1 : 5;
      const units = Math.max(1, Math.floor(most * scale * roll() * pieces)) / pieces;
      const at = start + 1000 + Math.floor(roll() * (end - start - 2000));
      steps.push({ at, what: 'track', type, units, key: `k${steps.length}` });
      // A repeat of the same event, later.
      if (roll() < 0.1) steps.push({ at: at + 1, what: 'track', type, units, key: `k${steps.length - 1}` });
    }
  };
  const first = dayIn(0, anchor);
  if (hasTrial) {
    const [start, end] = [midnightOf(zone, first - 14), midnightOf(zone, first)];
    steps.push({ at: start, what: 'period', start, end, plan, isTrial: true });
    track(start, end);
  }
  if (roll() < 0.1)
    steps.push({ at: midnightOf(zone, first), what: 'cap', cents: Math.floor(roll() * 50_000) });
  for (let month = 0; month < 12; month++) {
    if (month === downgradeIn && plan !== 'STARTER') plan = plan === 'PRO' ? 'STARTER' : 'PRO';
    const [start, end] = [midnightOf(zone, dayIn(month, anchor)), midnightOf(zone, dayIn(month + 1, anchor))];
    const invoice = `in_${index}_${month}`;
    // Stripe tells of some periods late: use comes before the word of them.
    const toldLate = roll() < 0.1 && month > 0 && month !== downgradeIn ? Math.floor(roll() * DAY_MS) : 0;
    steps.push({ at: start + toldLate, what: 'period', start, end, plan, isTrial: false });
    const isNeverPaid = roll() < 0.01;
    const paysAfter =
      roll() < 0.02 ? 3 * DAY_MS + Math.floor(roll() * 4 * DAY_MS) : Math.floor(roll() * 3_600_000);
    if (!isNeverPaid) steps.push({ at: start + toldLate + paysAfter, what: 'pay', start, end, invoice });
    if (roll() < 0.04 && !isNeverPaid)
      steps.push({
        at: start + toldLate + paysAfter + 8 * DAY_MS,
        what: 'refund',
        invoice,
        share: Math.ceil(roll() * 4) / 4,
      });
    if (roll() < 0.05)
      steps.push({
        ...{ at: start + Math.floor(roll() * 20 * DAY_MS), what: 'promote' },
        ...{ credits: 1 + Math.floor(roll() * 100_000), days: 1 + Math.floor(roll() * 90) },
      });
    if (month === upgradeIn && plan !== 'ENTERPRISE' && !isNeverPaid) {
      const to: PlanCode = plan === 'STARTER' ? 'PRO' : 'ENTERPRISE';
      const at = start + toldLate + paysAfter + 2 * DAY_MS + Math.floor(roll() * 15 * DAY_MS);
      steps.push({
        at: Math.floor(at / 1000) * 1000,
        what: 'upgrade',
        from: plan,
        to,
        invoice: `${invoice}_up`,
      });
      track(start, end);
      plan = to;
    } else track(start, end);
  }
  // The order of what is at the same moment is the one in which it was written.
  const ordered = steps
    .map((step, order) => ({ step, order }))
    .sort((a, b) => a.step.at - b.step.at || a.order - b.order);
  return { index, zone, steps: ordered.map(({ step }) => step), counts: countsOf(roll, zone, first - 14) };
}

/** A count in most nights, by who is not always on time. */
function countsOf(roll: () => number, zone: string, firstDay: number): Count[] {
  const counts: Count[] = [];
  let assets = Math.floor(roll() * 3500);
  for (let day = firstDay; day < firstDay + 400; day++) {
    assets = Math.max(0, assets + Math.floor(roll() * 41) - 20);
    if (roll() < 0.85) counts.push({ at: midnightOf(zone, day) + Math.floor(roll() * 86_000_000), assets });
  }
  return counts.sort((a, b) => a.at - b.at);
}
