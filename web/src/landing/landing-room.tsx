import { Link } from 'wouter';
import type { PageConfig } from '../../../shared/api/config.ts';
import type { PricingResponse } from '../../../shared/api/pricing.ts';
import type { Polled } from '../api/use-polled.ts';
import { RoomHeading } from '../shell/room-heading.tsx';
import { pricePerMinute, shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import { Prices } from './prices.tsx';
import { SampleCall } from './sample-call.tsx';
import './landing.css';

interface LandingRoomProps {
  config: PageConfig;
  pricing: Polled<PricingResponse>;
}

/** What a visitor sees first: what this is for, what it sounds like, how it works, what it costs, what to rely on. */
export default function LandingRoom({ config: { page }, pricing }: LandingRoomProps) {
  const landing = useWords('landing');
  const examples = page.examples.length > 0 ? page.examples : landing.examples;
  return (
    <div className="landing">
      <section className="hero">
        <div className="hero-words">
          <RoomHeading title={landing.title}>{page.headline ?? landing.headline}</RoomHeading>
          <p className="lead">{page.purpose ?? landing.purpose}</p>
          <Start pricing={pricing.data} />
          <ul className="examples" aria-label={landing.examplesTitle}>
            {examples.map((example) => (
              <li key={example}>{example}</li>
            ))}
          </ul>
        </div>
        <div className="hero-call">
          <SampleCall />
          <p className="sample-why">{landing.sampleWhy}</p>
        </div>
      </section>

      <section className="landing-part" aria-labelledby="steps">
        <h2 id="steps">{landing.stepsTitle}</h2>
        <ol className="steps">
          {landing.steps.map(({ title, text }) => (
            <li key={title}>
              <h3>{title}</h3>
              <p>{text}</p>
            </li>
          ))}
        </ol>
      </section>

      <Prices pricing={pricing} />

      <section className="landing-part" aria-labelledby="trust">
        <h2 id="trust">{landing.trustTitle}</h2>
        <ul className="trust">
          {landing.trust.map(({ title, text }) => (
            <li key={title}>
              <h3>{title}</h3>
              <p>{text}</p>
            </li>
          ))}
        </ul>
      </section>

      <section className="landing-end" aria-labelledby="end">
        <h2 id="end">{landing.endTitle}</h2>
        <Start pricing={pricing.data} />
      </section>
    </div>
  );
}

/** The way in, and what it costs at the least; free minutes only where there are some. */
function Start({ pricing }: { pricing: PricingResponse | null }) {
  const landing = useWords('landing');
  const trial = pricing?.trial ?? null;
  const cheapest = pricing?.packages.toSorted(
    (one, other) => one.price_per_minute_micros - other.price_per_minute_micros,
  )[0];
  return (
    <div className="start">
      <Link href="/sign-up" className="button large" data-testid="start">
        {trial === null ? landing.start : landing.tryFree(shortDuration(trial.seconds))}
      </Link>
      <p className="start-why">
        {trial !== null && landing.tryFreeWhy(trial.valid_days)}
        {trial === null && cheapest !== undefined && landing.from(pricePerMinute(cheapest))}
      </p>
    </div>
  );
}
