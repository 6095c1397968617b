import { useState } from 'react';
import type { AutoTopUpRequest, AutoTopUpResponse } from '../../../shared/api/auto-top-up.ts';
import type { PricingResponse } from '../../../shared/api/pricing.ts';
import type { SavedCard } from '../../../shared/api/saved-cards.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import { money, shortDuration } from '../units.ts';
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
      {!active && !stopped && (
        <p className="faint">
          Off. Turned on, it buys a package with a kept card when your time runs low, so that no call ends
          early.
        </p>
      )}
      {cards.length === 0 && !active && (
        <p className="faint">To use it, keep a card the next time you buy time.</p>
      )}
      {open && cards.length > 0 && (
        <AutoTopUpForm
          cards={cards}
          pricing={pricing}
          submitLabel={active ? 'Change it' : stopped ? 'Start again' : 'Turn on'}
          busy={busy}
          onSubmit={(terms) => run(() => onSet(terms))}
        />
      )}
      <div className="row" hidden={cards.length === 0 && !active && !stopped}>
        {cards.length > 0 && (
          <button type="button" onClick={() => setOpen(!open)} disabled={busy} data-testid="top-up-open">
            {open ? 'Not now' : active ? 'Change …' : stopped ? 'Start again …' : 'Turn on …'}
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
            Turn off
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
  const item = packages.find(({ id }) => id === setting.package_id);
  const card = cards.find(({ id }) => id === setting.payment_method_id);
  const [charged, cap] = [setting.charged_this_month_cents, setting.monthly_cap_cents];
  const { price_cents: price, currency } = setting;
  const full = price !== null && charged + price > cap;
  return (
    <>
      <p>
        <strong className="good">On.</strong> {item?.name ?? 'A package'} is bought
        {card ? ` with your ${cardWords(card)}` : ''} when {shortDuration(setting.threshold_seconds)} or less
        are left.
      </p>
      <p className="faint">
        {currency !== null && `${money(charged, currency)} of ${money(cap, currency)} charged this month.`}
        {full && ' That is the most for this month: buy by hand, or raise it.'}
        {setting.charge_in_flight && ' A payment is under way.'}
      </p>
      {setting.last_failure && (
        <p className="bad">The last payment failed. {failureWords(setting.last_failure)}</p>
      )}
    </>
  );
}

function StoppedWords({ setting }: { setting: Setting }) {
  return (
    <p className="warning" data-testid="top-up-stopped">
      <strong>Stopped:</strong> {stopWords(setting)} Nothing more is charged until you start it again.{' '}
      {setting.last_failure && failureWords(setting.last_failure)}
    </p>
  );
}

function stopWords({ stop_reason: reason }: Setting): string {
  switch (reason) {
    case 'terms_changed':
      return 'the package, or its price, is not what you agreed to any more.';
    case 'money_back':
      return 'money went back, by a refund or a dispute.';
    case 'review':
      return 'a payment did not arrive as agreed, and we look at it.';
    default:
      return 'the payments failed.';
  }
}

/** Why a charge failed and what helps, from the codes of Stripe (https://docs.stripe.com/declines/codes). */
function failureWords(code: string): string {
  switch (code) {
    case 'authentication_required':
      return 'Your bank wants you to confirm payments with this card yourself, so it cannot be charged while you are away. Buy a package by hand, or choose another card.';
    case 'expired_card':
      return 'The card has expired. Choose another card.';
    case 'insufficient_funds':
      return 'There was not enough money on the card.';
    default:
      return 'The card was declined. Choose another card, or ask your bank.';
  }
}
