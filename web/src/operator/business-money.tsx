import type { BusinessFigures } from '../../../shared/api/board-figures.ts';
import type { PartProps } from './business-people.tsx';
import { Figure, Tile } from './figure.tsx';
import { Panel } from './room.tsx';
import { cents, count, share, sum } from './words.ts';

/** One chart for each currency: no figure adds two. */
export function Money({ figures, places }: PartProps) {
  const currencies = [...new Set(figures.money.map(({ currency }) => currency))];
  if (currencies.length === 0)
    return (
      <Panel title="Money" wide>
        <p className="faint">Nothing was received or went back.</p>
      </Panel>
    );
  return currencies.map((currency) => (
    <MoneyIn key={currency} currency={currency} figures={figures} places={places} />
  ));
}

type Fees = {
  /** In the currency that was received. */
  own: number;
  /** In other currencies, in words: an account at Stripe that settles in one of its own. */
  others: string[];
  /** Payments of which nobody knows it. */
  unknown: number;
};

function feesOf({ fees, money }: BusinessFigures, currency: string): Fees {
  const mine = fees.filter((row) => row.currency === currency);
  const inOthers = [...new Set(mine.map((row) => row.fee_currency))].filter((name) => name !== currency);
  const of = (name: string) =>
    sum(
      mine.filter((row) => row.fee_currency === name),
      (row) => row.fee_cents,
    );
  const payments = sum(
    money.filter((row) => row.currency === currency),
    (row) => row.purchases,
  );
  return {
    own: of(currency),
    others: inOthers.map((name) => cents(of(name), name)),
    unknown: Math.max(0, payments - sum(mine, (row) => row.payments)),
  };
}

/** A fee that is not known is never taken for nothing. */
function FeeTile({ fees: { own, others, unknown }, currency }: { fees: Fees; currency: string }) {
  const known = [...(own > 0 || others.length === 0 ? [cents(own, currency)] : []), ...others].join(' + ');
  const isKnown = own > 0 || others.length > 0;
  if (unknown === 0) return <Tile name="Fees of Stripe" value={known} />;
  return (
    <Tile
      name="Fees of Stripe"
      value={isKnown ? `${known} + ?` : 'not known'}
      small={`not known of ${count(unknown)} ${unknown === 1 ? 'payment' : 'payments'}`}
    />
  );
}

function MoneyIn({ currency, figures, places }: PartProps & { currency: string }) {
  const { steps } = figures;
  const rows = figures.money.filter((row) => row.currency === currency);
  const byStep = new Map(rows.map((row) => [row.step, row]));
  const at = (place: string, of: (row: (typeof rows)[number]) => number) => {
    const row = byStep.get(place);
    return row === undefined ? 0 : of(row);
  };
  const [received, refunded, lost, tax] = [
    sum(rows, (row) => row.received_cents),
    sum(rows, (row) => row.refunded_cents),
    sum(rows, (row) => row.lost_cents),
    sum(rows, (row) => row.tax_cents),
  ];
  const fees = feesOf(figures, currency);
  const without = [
    ...(fees.unknown > 0 ? ['fees that are not known'] : []),
    ...(fees.others.length > 0 ? [`${fees.others.join(' + ')} of fees`] : []),
  ].join(' and ');
  return (
    <Panel title={`Money in ${currency.toUpperCase()}`} wide>
      <dl className="tiles">
        <Tile
          name="Received"
          value={cents(received, currency)}
          small={`${count(sum(rows, (row) => row.purchases))} purchases`}
        />
        <Tile name="Refunded" value={cents(refunded, currency)} small={share(refunded, received)} />
        <Tile name="Lost in disputes" value={cents(lost, currency)} small={share(lost, received)} />
        <FeeTile fees={fees} currency={currency} />
        <Tile
          name="Net"
          value={cents(received - refunded - lost - fees.own, currency)}
          small={
            [without && `before ${without}`, tax > 0 && `of it ${cents(tax, currency)} tax at most`]
              .filter(Boolean)
              .join('; ') || undefined
          }
        />
      </dl>
      <Figure
        title={`Received and gone back in ${currency.toUpperCase()}`}
        steps={places}
        format={(value) => cents(Math.round(value), currency)}
        series={[
          {
            name: 'Received',
            as: 'bar',
            values: steps.map((place) => at(place, (row) => row.received_cents)),
          },
          {
            name: 'Gone back',
            values: steps.map((place) => at(place, (row) => row.refunded_cents + row.lost_cents)),
          },
        ]}
      />
    </Panel>
  );
}
