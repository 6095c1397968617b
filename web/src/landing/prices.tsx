import { Link } from 'wouter';
import type { Package, PricingResponse } from '../../../shared/api/pricing.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Polled } from '../api/use-polled.ts';
import { Skeleton } from '../shell/skeleton.tsx';
import { money, pricePerMinute, shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';

/** As many as the shop that comes with MindBot has, so that nothing moves when they come. */
const AWAITED = ['a', 'b', 'c', 'd', 'e'];

/** What time costs: by package, and by the minute, which is what can be compared. */
export function Prices({ pricing }: { pricing: Polled<PricingResponse> }) {
  const landing = useWords('landing');
  return (
    <section className="landing-part" aria-labelledby="prices">
      <h2 id="prices">{landing.pricesTitle}</h2>
      <p className="lead">{landing.pricesWhy}</p>
      {pricing.error != null && !pricing.data && <ErrorMessage error={pricing.error} />}
      <ul className="price-list">
        {pricing.data
          ? pricing.data.packages.map((item) => <Price key={item.id} item={item} />)
          : AWAITED.map((place) => (
              <li key={place} className="price-card">
                <Skeleton lines={4} />
              </li>
            ))}
      </ul>
    </section>
  );
}

function Price({ item }: { item: Package }) {
  const landing = useWords('landing');
  return (
    <li className="price-card" data-best={item.best_value} data-testid={`price-${item.id}`}>
      <h3>
        {item.name}
        {item.best_value && <span className="best">{landing.bestValue}</span>}
      </h3>
      <p className="price-time">{shortDuration(item.total_minutes * 60)}</p>
      <p className="price-bonus">
        {item.bonus_minutes > 0 && landing.bonus(shortDuration(item.bonus_minutes * 60))}
      </p>
      <p className="price-money">
        <strong>{money(item.price_cents, item.currency)}</strong>
        <small>{landing.perMinute(pricePerMinute(item))}</small>
      </p>
      <Link href="/sign-up" className="button second" aria-label={`${landing.choose}: ${item.name}`}>
        {landing.choose}
      </Link>
    </li>
  );
}
