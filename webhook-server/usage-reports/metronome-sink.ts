import { neverArrived, type Sent, type UsageSink } from './sink.ts';

const TIMEOUT_MS = 10_000;
/** https://docs.metronome.com/api-reference/usage/ingest-events */
const AT_ONCE = 100;

type Metronome = { url: string; token: string };

async function post({ url, token }: Metronome, usage: object[]): Promise<number> {
  const response = await fetch(new URL('/v1/ingest', url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(usage),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.arrayBuffer();
  return response.status;
}

/**
 * Metronome, which is where Stripe sends new integrations. It has one call for this, which takes a transaction once within 34
 * days and is silent about repeats: so the SDK would be a library for one request.
 */
export function createMetronomeSink(metronome: Metronome): UsageSink {
  const send: UsageSink['send'] = async (events): Promise<Sent> => {
    const usage = events.map((event) => ({
      transaction_id: event.identifier,
      customer_id: event.tenant_id,
      event_type: event.event_name,
      timestamp: event.occurred_at,
      properties: { value: event.value },
    }));
    let status: number;
    try {
      status = await post(metronome, usage);
    } catch (cause) {
      const outcomes = neverArrived(cause)
        ? events.map(({ id }) => ({ id, state: 'not_sent' as const }))
        : [];
      return { outcomes, away: new Error('Metronome does not answer', { cause }) };
    }
    if (status < 300) return { outcomes: events.map(({ id }) => ({ id, state: 'delivered' })) };
    if ([401, 403, 429].includes(status)) {
      const outcomes = events.map(({ id }) => ({ id, state: 'not_sent' as const }));
      return { outcomes, away: new Error(`Metronome answered ${status}`) };
    }
    if (status >= 500) return { outcomes: [], away: new Error(`Metronome answered ${status}`) };
    if (events.length === 1) {
      return { outcomes: events.map(({ id }) => ({ id, state: 'refused', reason: `status ${status}` })) };
    }
    // One of them is refused, and with it all.
    const middle = Math.ceil(events.length / 2);
    const halves = [await send(events.slice(0, middle)), await send(events.slice(middle))];
    const away = halves.find((half) => half.away !== undefined)?.away;
    return { outcomes: halves.flatMap(({ outcomes }) => outcomes), ...(away !== undefined && { away }) };
  };
  return { name: 'metronome', atOnce: AT_ONCE, oldestDays: 34, send };
}
