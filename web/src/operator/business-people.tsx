import type { BusinessFigures } from '../../../shared/api/board-figures.ts';
import { Figure, Table, Tile } from './figure.tsx';
import { Panel } from './room.tsx';
import { count, share, sum } from './words.ts';

/** @param places the steps of the range, as they are shown */
export type PartProps = { figures: BusinessFigures; places: string[] };

/** Who is new, who talks, who comes back, and who tried for free. */
export function People({ figures: { people, steps, trials }, places }: PartProps) {
  const valuesOf = (rows: { step: string; people: number }[]) => {
    const known = new Map(rows.map(({ step, people: many }) => [step, many]));
    return steps.map((place) => known.get(place) ?? 0);
  };
  return (
    <Panel title="People" wide>
      <dl className="tiles">
        <Tile name="Signed up" value={count(sum(people.new, (row) => row.people))} />
        <Tile name="Had a call" value={count(people.in_range.active)} small="each counted once" />
        <Tile
          name="Came back"
          value={count(people.in_range.returning)}
          small={share(people.in_range.returning, people.in_range.active)}
        />
        <Tile
          name="Tried for free"
          value={count(trials.claimed)}
          small={`${share(trials.talked, trials.claimed)} talked, ${share(trials.bought, trials.claimed)} bought`}
        />
      </dl>
      <Figure
        title="People who had a call, and who signed up"
        steps={places}
        format={(value) => count(Math.round(value))}
        series={[
          { name: 'Had a call', as: 'bar', values: valuesOf(people.active) },
          { name: 'Signed up', values: valuesOf(people.new) },
        ]}
        note="Who had a call is counted by days of UTC."
      />
    </Panel>
  );
}

/** Of who signed up in a month, how many had a call in that month, the next, and so on. */
export function Retention({ figures: { retention } }: { figures: BusinessFigures }) {
  const months = retention.map(({ month }) => month);
  return (
    <Panel title="Retention by the month of signing up" wide>
      <Table
        label="Retention"
        empty="Nobody has signed up in the last 12 months."
        head={[
          'Signed up in',
          'People',
          ...months.map((_, index) => (index === 0 ? 'Same month' : `+${index}`)),
        ]}
        rows={retention.map(({ month, people, active }, place) => ({
          key: month,
          cells: [
            month,
            count(people),
            ...months.map((_, after) => {
              const then = months[place + after];
              return then === undefined
                ? ''
                : share(active.find((row) => row.month === then)?.people ?? 0, people);
            }),
          ],
        }))}
      />
    </Panel>
  );
}
