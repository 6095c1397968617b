import { expect } from 'vitest';
import { callContext, useTool } from '../../../tests/agent/use-tool.ts';
import { subscribe, track } from '../../../tests/credits/scene.ts';
import { checkSentences } from '../../../tests/languages/check-sentences.ts';
import { testWithDatabase as test } from '../../../tests/support/test-with-database.ts';
import { addPerson } from '../../../tests/time/people.ts';
import forecastMonth from '../forecast-month/tool.ts';
import checkCredits from './tool.ts';

checkSentences(checkCredits, (say, credits) => ({
  left: say.left(credits),
  beyond: say.beyond(credits),
  none: say.none(),
}));

test('tells what is left and what the month will cost, to whom it concerns', async ({ db }) => {
  const { sql } = db;
  // A day of thirty is over: half of the credits in one is fifteen times all of them.
  const tenant = await subscribe(sql, { startedDaysAgo: 1 });
  await track(sql, tenant, 'simulator_run', 100);
  const call = { userId: tenant.ownerId, tenantId: tenant.tenantId, database: db.service as never };
  expect(await useTool(checkCredits, {}, callContext(call))).toEqual({
    speech: 'Your organization has 900,000 credits left.',
    ...{ remaining_credits: 900_000, used_credits: 100_000, included_credits: 1_000_000 },
  });
  const forecast = await useTool(forecastMonth, {}, callContext(call));
  // 100,000 a day for 30 days is 2,000,000 beyond: 4,000.00. A second or two more have gone by than a day.
  expect(forecast).toMatchObject({ so_far_cents: 900_000, currency: 'cad' });
  expect(forecast.forecast_cents).toBeGreaterThan(1_298_000);
  expect(forecast.forecast_cents).toBeLessThanOrEqual(1_300_000);
  const memberId = await addPerson(sql);
  await sql`insert into tenant_members (tenant_id, user_id, role) values (${tenant.tenantId}, ${memberId}, 'member')`;
  const member = { ...call, userId: memberId, locale: 'de-DE' as const };
  expect((await useTool(checkCredits, {}, callContext(member))).speech).toBe(
    'Ihre Organisation hat noch 900.000 Credits.',
  );
  expect(await useTool(forecastMonth, {}, callContext(member))).toMatchObject({ forecast_cents: null });
  const stranger = { ...call, userId: await addPerson(sql) };
  expect(await useTool(checkCredits, {}, callContext(stranger))).toMatchObject({ remaining_credits: null });
  await track(sql, tenant, 'simulator_run', 1000);
  expect((await useTool(checkCredits, {}, callContext(call))).speech).toBe(
    'Your organization has used all its credits, and 100,000 more.',
  );
});
