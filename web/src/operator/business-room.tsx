import { useLocation, useSearch } from 'wouter';
import type { BusinessFigures } from '../../../shared/api/board-figures.ts';
import { Money } from './business-money.tsx';
import { type PartProps, People, Retention } from './business-people.tsx';
import { Figure, Table, Tile } from './figure.tsx';
import { RangePicker, useRange } from './range.tsx';
import { BoardRoom, Panel } from './room.tsx';
import { useAnswer } from './use-board.ts';
import { cents, count, hours, micros, stepWords, sum } from './words.ts';

const WAYS = { own: 'for themselves', gift: 'as a gift', automatic: 'automatic top-up' };
const SOURCES: Record<string, string> = {
  paid: 'Bought',
  gift: 'Given by others',
  bonus: 'Codes and bonus',
  goodwill: 'Goodwill',
  trial: 'Free minutes to try',
  debt: 'Owed by people',
};

/** Money, time and people of any range. */
export function BusinessRoom() {
  const range = useRange();
  const [address, navigate] = useLocation();
  const search = useSearch();
  const basis = new URLSearchParams(search).get('basis') === 'happened' ? 'happened' : 'booked';
  const { from, to, step, zone } = range;
  const asked = { from, to, step, zone, basis };
  const answer = useAnswer((board, signal) => board.business(asked, signal), JSON.stringify(asked));
  const setBasis = (value: string) => {
    const params = new URLSearchParams(search);
    params.set('basis', value);
    navigate(`${address}?${params}`, { replace: true });
  };
  return (
    <BoardRoom title="Business" answer={answer} aside={<RangePicker />}>
      {(figures) => {
        const places = figures.steps.map((at) => stepWords(at, step));
        return (
          <>
            <Money figures={figures} places={places} />
            <label className="basis">
              What went back counts
              <select value={basis} onChange={({ target }) => setBasis(target.value)}>
                <option value="booked">when it went back</option>
                <option value="happened">when it was sold</option>
              </select>
            </label>
            <Time figures={figures} places={places} />
            <Margin figures={figures} places={places} />
            <People figures={figures} places={places} />
            <Packages figures={figures} />
            <Retention figures={figures} />
          </>
        );
      }}
    </BoardRoom>
  );
}

function Time({ figures: { time, steps, owed, waiting }, places }: PartProps) {
  const byStep = new Map(time.map((row) => [row.step, row]));
  const values = (of: (row: (typeof time)[number]) => number) =>
    steps.map((place) => {
      const row = byStep.get(place);
      return row === undefined ? 0 : of(row);
    });
  return (
    <Panel title="Time" wide>
      <dl className="tiles">
        <Tile
          name="Sold"
          value={hours(sum(time, (row) => row.granted_paid_seconds))}
          small="that reached an account"
        />
        <Tile
          name="Given"
          value={hours(sum(time, (row) => row.given_seconds))}
          small="bonus, codes, goodwill, trials"
        />
        <Tile name="Used" value={hours(sum(time, (row) => row.used_seconds))} />
        <Tile
          name="Expired"
          value={hours(sum(time, (row) => row.expired_seconds))}
          small={`breakage: ${hours(sum(time, (row) => row.breakage_seconds))}`}
        />
        <Tile
          name="Owed to people"
          value={hours(sum(owed, ({ source, seconds }) => (source === 'debt' ? 0 : seconds)))}
          small="at the end of the range"
        />
      </dl>
      <Figure
        title="Time used and sold"
        steps={places}
        format={hours}
        series={[
          { name: 'Used', as: 'bar', values: values((row) => row.used_seconds) },
          { name: 'Sold', values: values((row) => row.granted_paid_seconds) },
          { name: 'Expired', values: values((row) => row.expired_seconds) },
        ]}
      />
      <Table
        label="Time that is owed"
        head={['Owed to people', 'Time', 'Waits for its code', 'Cards']}
        rows={[...new Set([...owed, ...waiting].map(({ source }) => source))].map((source) => {
          const mine = owed.find((row) => row.source === source);
          const codes = waiting.find((row) => row.source === source);
          return {
            key: source,
            cells: [
              SOURCES[source] ?? source,
              hours(mine?.seconds ?? 0),
              hours(codes?.seconds ?? 0),
              count(codes?.cards ?? 0),
            ],
          };
        })}
      />
    </Panel>
  );
}

/** Provider prices are in US dollars, and so is the margin: what was earned in other currencies stands apart. */
function Margin({ figures: { calls, earned, steps }, places }: PartProps) {
  const ofStep = (place: string) =>
    sum(
      earned.filter(({ step, currency, reason }) => step === place && currency === 'usd' && reason === 'use'),
      ({ micros: value }) => value,
    );
  const costOf = (place: string) =>
    sum(
      calls.filter(({ step }) => step === place),
      (row) => row.provider_cost_micros,
    );
  const [earnedUsd, cost, seconds] = [
    sum(steps, ofStep),
    sum(calls, (row) => row.provider_cost_micros),
    sum(calls, (row) => row.charged_seconds),
  ];
  const rest = [...new Set(earned.map(({ currency, reason }) => `${currency} ${reason}`))].filter(
    (key) => key !== 'usd use',
  );
  const unpriced = sum(calls, (row) => row.calls_not_fully_priced);
  return (
    <Panel title="Margin" wide>
      <dl className="tiles">
        <Tile name="Calls" value={count(sum(calls, (row) => row.calls))} small={hours(seconds)} />
        <Tile name="Earned" value={micros(earnedUsd, 'usd')} small="for seconds used" />
        <Tile
          name="Providers"
          value={micros(cost, 'usd')}
          small={unpriced > 0 ? `${count(unpriced)} calls not fully priced` : 'at list prices'}
        />
        <Tile
          name="Margin"
          value={micros(earnedUsd - cost, 'usd')}
          small={
            seconds > 0
              ? `${micros(((earnedUsd - cost) * 3600) / seconds, 'usd')} for each hour of call`
              : undefined
          }
        />
      </dl>
      {rest.length > 0 && (
        <p className="faint">
          Not in it:{' '}
          {rest
            .map((key) => {
              const [currency = '', reason] = key.split(' ');
              const value = sum(
                earned.filter((row) => row.currency === currency && row.reason === reason),
                (row) => row.micros,
              );
              return `${micros(value, currency)} ${reason === 'use' ? 'earned in that currency' : 'for time that expired'}`;
            })
            .join('; ')}
          .
        </p>
      )}
      <Figure
        title="Earned and cost, in USD"
        steps={places}
        format={(value) => micros(value, 'usd')}
        series={[
          { name: 'Earned', as: 'bar', values: steps.map(ofStep) },
          { name: 'Providers', values: steps.map(costOf) },
        ]}
      />
    </Panel>
  );
}

function Packages({ figures: { packages } }: { figures: BusinessFigures }) {
  return (
    <Panel title="Packages" wide>
      <Table
        label="Packages"
        empty="Nothing was sold."
        head={['Package', 'How', 'Sold', 'Received', 'Gone back', 'Declined']}
        rows={packages.map((row) => ({
          key: `${row.package_id} ${row.way} ${row.currency}`,
          cells: [
            row.package_id,
            WAYS[row.way],
            count(row.purchases),
            cents(row.received_cents, row.currency),
            cents(row.returned_cents, row.currency),
            count(row.declined),
          ],
        }))}
      />
    </Panel>
  );
}
