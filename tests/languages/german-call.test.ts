import { initializeLogger } from '@livekit/agents';
import { expect } from 'vitest';
import { UNKNOWN_CALLER } from '../../agent/person/caller-profile.ts';
import { listPackages } from '../../shared/catalogue/list-packages.ts';
import { createTextCall } from '../agent/start-text-call.ts';
import { testWithModel as it } from '../agent/test-with-model.ts';
import type { TestDatabase } from '../support/database.ts';
import { signUpWith } from '../time/people.ts';
import { amountHeard, secondsHeard } from './read-aloud.ts';

// A tool that refuses is an error to the framework, and expected here.
initializeLogger({ pretty: false, level: 'fatal' });

/** A call by text with somebody who speaks German. What they say is English here, as the stand-in knows no other. */
async function germanCall(db: TestDatabase, model: { baseUrl: string }, seconds: number) {
  const userId = await signUpWith(db, seconds);
  const caller = { ...UNKNOWN_CALLER, locale: 'de-AT' as const };
  const variables = { ACTIVATION_CODE_KEY: 'an activation code key for tests only, of enough length' };
  return createTextCall(db, model, { userId, caller, variables });
}

it('is German from the greeting to the goodbye, and every price is the one in the catalogue', async ({
  db,
  model,
}) => {
  const { begin, said, ask, session } = await germanCall(db, model, 2846);
  const { ended } = await begin();
  // What was just given to a person expires within a week.
  expect(said()).toEqual([
    'Guten Tag, hier ist MindBot. Sie haben 47 Minuten und 26 Sekunden. Davon sollten Sie 47 Minuten und 26 Sekunden innerhalb einer Woche nutzen, danach verfällt diese Zeit. Was kann ich für Sie tun?',
  ]);
  expect(String(session.currentAgent.instructions)).toMatch(/^Speak German only, in the polite form\.$/m);

  const [, left = ''] =
    /^Sie haben noch (.*?)\. Davon/.exec(await ask('How much time do I have left?')) ?? [];
  expect(secondsHeard(left, 'de-DE')).toBeGreaterThan(2800);
  expect(secondsHeard(left, 'de-DE')).toBeLessThanOrEqual(2846);

  const { packages } = await listPackages(db.service);
  const prices = await ask('What are your prices?');
  for (const { name, total_minutes, price_cents, currency } of packages) {
    const [, time = '', price = ''] =
      new RegExp(`Mit ${name} bekommen Sie (.*?) für (.*?)\\.`).exec(prices) ?? [];
    expect(secondsHeard(time, 'de-DE'), name).toBe(total_minutes * 60);
    expect(amountHeard(price, currency, 'de-DE'), name).toBe(price_cents);
  }

  expect(await ask('I want to buy the basic package.')).toBe(
    'Ich habe die Kasse für Basic geöffnet: 5 Stunden und 30 Minuten für 44 Dollar und 99 Cent. Bitte zahlen Sie auf Ihrer Seite, und die Zeit gehört sofort Ihnen.',
  );
  expect(await ask('I have an activation code.')).toMatch(/^In diesem Gespräch .* auf Ihrer Seite ein\.$/);
  await ask('Goodbye.');
  expect(await ended).toMatchObject({ reason: 'said_goodbye' });
  expect(said().at(-1)).toBe('Auf Wiederhören, und danke für Ihren Anruf.');
});

it('is refused in German', async ({ db, model }) => {
  const { call, said } = await germanCall(db, model, 0);
  expect(await call.run()).toMatchObject({ reason: 'refused' });
  expect(said()).toEqual(['Sie haben keine Zeit mehr.']);
});
