import { expect, test, vi } from 'vitest';
import { reportOf, tellOperators } from '../../agent/worker/tell-operators.ts';
import { createLogger } from '../../shared/logging.ts';
import { createTestDatabase } from '../support/database.ts';

const well = { connected: true, isStarved: false, activeCalls: 3, isDraining: false, load: 0.43, seats: 7 };

test.each([
  [{}, 'open'],
  [{ load: 1 }, 'full'],
  [{ isStarved: true, load: 1 }, 'starved'],
  [{ connected: false }, 'not_connected'],
  [{ isDraining: true, connected: false }, 'draining'],
])('a worker that is %o is %s', (part, state) => {
  expect(reportOf({ ...well, ...part }, undefined)).toMatchObject({ state, calls: 3, seats: 7, release: '' });
});

test('a worker tells every ten seconds how it is, whatever fails in between, and at its end that it is gone', async () => {
  const db = await createTestDatabase();
  const told = () => db.sql`select release, state, calls, seats, load_percent from private.workers`;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    let isBroken = true;
    const look = async () => {
      if (isBroken) throw new Error('nobody knows');
      return well;
    };
    const logger = createLogger('test', 'silent');
    const telling = tellOperators(db.service, look, { release: '1.4', logger });
    vi.advanceTimersByTime(10_000);
    isBroken = false;
    vi.advanceTimersByTime(10_000);
    await expect
      .poll(told)
      .toEqual([{ release: '1.4', state: 'open', calls: 3, seats: 7, load_percent: 43 }]);
    await telling.close();
    expect(await told()).toHaveLength(0);
  } finally {
    vi.useRealTimers();
    await db.close();
  }
});
