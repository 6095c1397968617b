import { useCallback, useRef } from 'react';
import type { Role } from '../../../shared/api/tenants.ts';
import type { UsageLimits } from '../../../shared/api/usage.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import { usePolled } from '../api/use-polled.ts';
import { dayWords, money } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import type { TeamsApi } from './teams-api.ts';
import { useChange } from './use-change.ts';

const SLOW_MS = 60_000;
/** Prices by use are in millionths. */
const micros = (amount: number, currency: string) => money(Math.round(amount / 10_000), currency);

interface PlanPanelProps {
  api: TeamsApi;
  id: string;
  role: Role;
}

/** What the plan allows, and what is left of it; who does the billing changes it on a page of Stripe. */
export function PlanPanel({ api, id, role }: PlanPanelProps) {
  const { plan: words } = useWords('teams');
  const limits = usePolled(
    useCallback((signal: AbortSignal) => api.limits(id, signal), [api, id]),
    SLOW_MS,
  );
  return (
    <section className="panel" aria-labelledby="plan" data-testid="plan">
      <h2 id="plan">{words.title}</h2>
      {limits.data && <Limits limits={limits.data} />}
      {role !== 'member' && <Billing api={api} id={id} />}
      {limits.error != null && <ErrorMessage error={limits.error} />}
    </section>
  );
}

function Limits({ limits }: { limits: UsageLimits }) {
  const { plan: words } = useWords('teams');
  const { currency, day, month } = limits;
  const spent = ({ spent_micros: used, hard_micros: most }: UsageLimits['day']) =>
    most === null ? micros(used, currency) : words.of(micros(used, currency), micros(most, currency));
  const facts: [name: string, value: string | number | null][] = [
    [words.callsAtOnce, limits.calls_at_once],
    [words.minutes, limits.monthly_minutes],
    [words.requests, limits.requests_per_minute],
    [words.today, spent(day)],
    [words.month, spent(month)],
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  );
}

function Billing({ api, id }: { api: TeamsApi; id: string }) {
  const { plan: words } = useWords('teams');
  const keys = useRef(new Map<string, string>());
  const { busy, error, change } = useChange();
  const plans = usePolled(api.plans, SLOW_MS * 10);
  const subscription = usePolled(
    useCallback(async (signal: AbortSignal) => ({ now: await api.subscription(id, signal) }), [api, id]),
    SLOW_MS,
  );
  const go = (page: () => Promise<{ url: string }>) =>
    void change(async () => window.location.assign((await page()).url));
  function keyOf(planId: string): string {
    const key = keys.current.get(planId) ?? crypto.randomUUID();
    keys.current.set(planId, key);
    return key;
  }
  const now = subscription.data?.now;
  const nameOf = (planId: string) => plans.data?.find((plan) => plan.id === planId)?.name ?? planId;
  return (
    <>
      {now != null && (
        <p data-testid="subscription">
          <strong>{nameOf(now.plan_id)}</strong>
          {now.status === 'past_due' && <span className="tag">{words.unpaid}</span>}
          <br />
          <span className="faint">
            {now.cancel_at !== null
              ? words.ends(dayWords(now.cancel_at))
              : now.current_period_end !== null && words.renews(dayWords(now.current_period_end))}
          </span>
        </p>
      )}
      {now != null && (
        <button type="button" disabled={busy} onClick={() => go(() => api.portal(id))} data-testid="portal">
          {words.manage}
        </button>
      )}
      {subscription.data !== null && now === null && (
        <ul className="plain">
          {plans.data?.map((plan) => (
            <li key={plan.id} className="team-row" data-testid="plan-offer">
              <span>
                {plan.name}
                <br />
                <span className="faint">
                  {plan.seat_price_cents !== null &&
                    `${words.perSeat(money(plan.seat_price_cents, plan.currency))} `}
                  {plan.monthly_minutes !== null && words.withMinutes(plan.monthly_minutes)}
                </span>
              </span>
              <button
                type="button"
                disabled={busy}
                aria-label={words.choose(plan.name)}
                onClick={() => go(() => api.subscribe(id, plan.id, keyOf(plan.id)))}
              >
                {words.subscribe}
              </button>
            </li>
          ))}
        </ul>
      )}
      {(error ?? subscription.error ?? plans.error) != null && (
        <ErrorMessage error={error ?? subscription.error ?? plans.error} />
      )}
    </>
  );
}
