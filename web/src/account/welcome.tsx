import type { SupabaseClient } from '@supabase/supabase-js';
import type { PricingResponse } from '../../../shared/api/pricing.ts';
import { money, shortDuration } from '../../../shared/units.ts';
import { SignInForm } from './sign-in-form.tsx';

interface WelcomeProps {
  supabase: SupabaseClient;
  pricing: PricingResponse | null;
}

/** What a visitor sees before signing in: what this is, what it costs, and the way in. */
export function Welcome({ supabase, pricing }: WelcomeProps) {
  return (
    <main className="columns">
      <section className="panel shop" aria-labelledby="what">
        <h1 id="what">Talk with an assistant. Pay by the second.</h1>
        <p>
          Buy time in advance, talk as long as it lasts. Only what you talk is charged, by the second;
          connecting, outages and the goodbye are free. Time can be a gift, too.
        </p>
        <table className="prices">
          <caption>Prices</caption>
          <tbody>
            {pricing?.packages.map((item) => (
              <tr key={item.id}>
                <th scope="row">{item.name}</th>
                <td>{shortDuration(item.total_minutes * 60)}</td>
                <td className="number">{money(item.price_cents, pricing.currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section className="panel" aria-labelledby="enter">
        <h2 id="enter">Your account</h2>
        <SignInForm supabase={supabase} />
      </section>
    </main>
  );
}
