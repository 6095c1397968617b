import { Link } from 'wouter';
import type { PageConfig } from '../../../shared/api/config.ts';
import type { PricingResponse } from '../../../shared/api/pricing.ts';
import { money, shortDuration } from '../../../shared/units.ts';
import type { Polled } from '../api/use-polled.ts';
import { RoomHeading } from '../shell/room-heading.tsx';

interface LandingRoomProps {
  config: PageConfig;
  pricing: Polled<PricingResponse>;
}

/** What a visitor sees first: what this is, and what it costs. */
export default function LandingRoom({ pricing }: LandingRoomProps) {
  return (
    <section className="panel">
      <RoomHeading>Talk with an assistant. Pay by the second.</RoomHeading>
      <p>
        Buy time in advance, talk as long as it lasts. Only what you talk is charged, by the second;
        connecting, outages and the goodbye are free. Time can be a gift, too.
      </p>
      <Link href="/sign-up" className="button">
        Create an account
      </Link>
      <table className="prices">
        <caption>Prices</caption>
        <tbody>
          {pricing.data?.packages.map((item) => (
            <tr key={item.id}>
              <th scope="row">{item.name}</th>
              <td>{shortDuration(item.total_minutes * 60)}</td>
              <td className="number">{money(item.price_cents, item.currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
