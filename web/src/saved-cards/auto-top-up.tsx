import { useState } from 'react';
import type { AutoTopUpRequest, AutoTopUpResponse } from '../../../shared/api/auto-top-up.ts';
import type { PricingResponse } from '../../../shared/api/pricing.ts';
import type { SavedCard } from '../../../shared/api/saved-cards.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import { dayWords, money, shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import type { Words } from '../words/words.ts';
import { AutoTopUpForm } from './auto-top-up-form.tsx';
import { cardWords } from './card-words.ts';

interface AutoTopUpProps {
  topUp: AutoTopUpResponse;
  cards: SavedCard[];
  pricing: PricingResponse;
  onSet: (terms: AutoTopUpRequest) => Promise<unknown>;
  onDisable: () => Promise<unknown>;
}

type Setting = Exclude<AutoTopUpResponse, { status: 'not_set' }>;

/** Off until the person turns it on; and when it stopped itself, why, and how it starts again. */
export function AutoTopUp({ topUp, cards, pricing, onSet, onDisable }: AutoTopUpProps) {
  const { topUp: words } = useWords('account');
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  async function run(work: () => Promise<unknown>) {
    setBusy(true);
    setError(null);
    try {
      await work();
      setOpen(false);
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  }

  const active = topUp.status === 'active';
  const stopped = topUp.status === 'stopped';
  return (
    <div className="stack" data-testid="auto-top-up" data-status={topUp.status}>
      {active && <ActiveWords setting={topUp} cards={cards} pricing={pricing} />}
      {stopped && <StoppedWords setting={topUp} />}
      {!active && !stopped && <p className="faint">{words.off}</p>}
      {cards.length === 0 && !active && <p className="faint">{words.keepFirst}</p>}
      {open && cards.length > 0 && (
        <AutoTopUpForm
          cards={cards}
          pricing={pricing}
          submitLabel={active ? words.change : stopped ? words.startAgain : words.turnOn}
          busy={busy}
          onSubmit={(terms) => run(() => onSet(terms))}
        />
      )}
      <div className="row" hidden={cards.length === 0 && !active && !stopped}>
        {cards.length > 0 && (
          <button type="button" onClick={() => setOpen(!open)} disabled={busy} data-testid="top-up-open">
            {open
              ? words.notNow
              : active
                ? words.changeOpen
                : stopped
                  ? words.startAgainOpen
                  : words.turnOnOpen}
          </button>
        )}
        {(active || stopped) && (
          <button
            type="button"
            className="quiet"
            onClick={() => run(onDisable)}
            disabled={busy}
            data-testid="top-up-off"
          >
            {words.turnOff}
          </button>
        )}
      </div>
      {error != null && <ErrorMessage error={error} />}
    </div>
  );
}

function ActiveWords({
  setting,
  cards,
  pricing: { packages },
}: { setting: Setting } & Pick<AutoTopUpProps, 'cards' | 'pricing'>) {
  const { topUp: words } = useWords('account');
  const { checkout } = useWords('buy');
  const item = packages.find(({ id }) => id === setting.package_id);
  const card = cards.find(({ id }) => id === setting.payment_method_id);
  const [charged, cap] = [setting.charged_this_month_cents, setting.monthly_cap_cents];
  const { price_cents: price, currency } = setting;
  const full = price !== null && charged + price > cap;
  return (
    <>
      <p>
        <strong className="good">{words.on}</strong>{' '}
        {words.bought(
          item?.name ?? words.aPackage,
          card ? cardWords(card, checkout.aCard) : null,
          shortDuration(setting.threshold_seconds),
        )}
      </p>
      <p className="faint">
        {currency !== null && words.charged(money(charged, currency), money(cap, currency))}
        {full && ` ${words.full}`}
        {setting.charge_in_flight && ` ${words.underWay}`}
      </p>
      {price !== null && currency !== null && (
        <p className="faint" data-testid="top-up-agreed">
          {words.agreed(money(price, currency), dayWords(setting.consent_at))}
        </p>
      )}
      {setting.last_failure && (
        <p className="bad">
          {words.lastFailed} {failureWords(setting.last_failure, words)}
        </p>
      )}
    </>
  );
}

function StoppedWords({ setting }: { setting: Setting }) {
  const { topUp: words } = useWords('account');
  return (
    <p className="warning" data-testid="top-up-stopped">
      <strong>{words.stopped}</strong> {words.stops[setting.stop_reason ?? 'declined']} {words.nothingMore}{' '}
      {setting.last_failure && failureWords(setting.last_failure, words)}
    </p>
  );
}

/** Why a charge failed and what helps, from the codes of Stripe (https://docs.stripe.com/declines/codes). */
function failureWords(code: string, { failures }: Words['account']['topUp']): string {
  return Object.hasOwn(failures, code) ? failures[code as keyof typeof failures] : failures.other;
}
