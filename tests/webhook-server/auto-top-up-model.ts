import fc from 'fast-check';
import type postgres from 'postgres';
import { expect } from 'vitest';
import { addPerson } from '../time/people.ts';
import { play, type Step, TERMS } from './auto-top-up-player.ts';

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Step>({ do: 'decide' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'disable' }) },
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'talk' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'next_month' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'give_up' }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('consent' as const), terms: fc.constantFrom(0, 1) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      as: fc.constantFrom('succeeded' as const, 'failed' as const),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      as: fc.constantFrom('succeeded', 'failed', 'failed', 'canceled'),
      ways: fc.constantFrom<('webhook' | 'worker')[]>(
        ['webhook'],
        ['worker', 'webhook'],
        ['webhook', 'webhook'],
      ),
    }),
  },
);

/** What people and Stripe may do; each group is done at once. */
export const plans = fc
  .array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 4, maxLength: 14 })
  .map((groups): Step[][] => [[{ do: 'consent', terms: 0 }], ...groups]);

/** Plays a plan with a new person, and expects what must hold after each group. Returns how many charges were begun. */
export async function check(sql: postgres.Sql, groups: Step[][]): Promise<number> {
  const userId = await addPerson(sql);
  const person = play(sql, userId);
  // Begun since the last consent, in their order.
  let since: string[] = [];
  for (const group of groups) {
    const before = await person.setting();
    const known = new Set((await person.charges()).map(({ id }) => id));
    await Promise.all(group.map((one) => person.run(one)));
    const after = await person.setting();
    const all = await person.charges();
    const begun = all.filter(({ id }) => !known.has(id));
    const consented = group.some((one) => one.do === 'consent');
    expect(
      all.filter(({ status }) => status === 'in_flight').length,
      'charges in flight',
    ).toBeLessThanOrEqual(1);
    if (!consented && before.status !== 'active') expect(begun, `begun while ${before.status}`).toEqual([]);
    since = consented ? [] : [...since, ...begun.map(({ id }) => id)];
    const ends = since
      .map((id) => all.find((charge) => charge.id === id)?.status)
      .filter((status) => status !== 'canceled');
    const opened = ends.findIndex((status, at) => status === 'declined' && ends[at + 1] === 'declined');
    if (opened >= 0) expect(ends.slice(opened + 2), 'begun after two declines').toEqual([]);
    if (begun.length > 0) {
      // Terms may change within the group, more than once: what was begun was under one of the caps.
      const agreed = group.map((one) => (one.do === 'consent' ? TERMS[one.terms].cap : 0));
      const cap = Math.max(before.monthly_cap_cents ?? 0, ...agreed);
      expect(after.charged_this_month_cents, 'charged this month').toBeLessThanOrEqual(cap);
    }
  }
  const all = await person.charges();
  // The books say what Stripe did: each success is one paid order, and nothing else is.
  const paid = await sql`select id from purchases where user_id = ${userId} and status = 'succeeded'`;
  const succeeded = all.filter(({ status }) => status === 'succeeded').map(({ purchase }) => purchase);
  expect(paid.map(({ id }) => id as string).toSorted()).toEqual(succeeded.toSorted());
  for (const { id, status } of all) {
    if (person.ends.get(id) === 'succeeded') expect(['succeeded', 'in_flight']).toContain(status);
  }
  return all.length;
}
