import { useEffect, useRef, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { SupportFigures } from '../../../shared/api/board-support.ts';
import { Figure, Table, Tile } from './figure.tsx';
import { RangePicker, useRange } from './range.tsx';
import { RequestList } from './request-list.tsx';
import { BoardRoom, Panel } from './room.tsx';
import { useAnswer } from './use-board.ts';
import { count, roughly, share, stepWords } from './words.ts';

const SHOWN = { open: 'Open', answered: 'Answered', closed: 'Closed' } as const;
const ABOUT = { call: 'A call', purchase: 'A purchase', card: 'A card', account: 'The account' };
const STARS = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });

/** Which requests are looked at: those of a figure. */
type Look = { name: string; about?: string; version?: string; provider?: string; from?: string; to?: string };

/** Who asked for help, beside the calls that they ask about. */
export function RequestsRoom() {
  const { from, to, step, zone } = useRange();
  const asked = { from, to, step, zone };
  const answer = useAnswer((board, signal) => board.support(asked, signal), JSON.stringify(asked));
  const [look, setLook] = useState<Look | null>(null);
  return (
    <BoardRoom title="Support" answer={answer} aside={<RangePicker />}>
      {(figures) => (
        <>
          <Answers figures={figures} />
          <Waiting onDone={answer.refresh} />
          <OverTime figures={figures} step={step} end={to} setLook={setLook} />
          <ByVersion figures={figures} setLook={setLook} />
          <ByProvider figures={figures} setLook={setLook} />
          <ByAbout figures={figures} setLook={setLook} />
          {look && <Behind key={JSON.stringify(look)} look={look} range={asked} onDone={answer.refresh} />}
        </>
      )}
    </BoardRoom>
  );
}

/** The list to work through, whenever it was asked. */
function Waiting({ onDone }: { onDone: () => void }) {
  const [address, navigate] = useLocation();
  const search = useSearch();
  const shown = new URLSearchParams(search).get('status') ?? 'open';
  const status = shown in SHOWN ? (shown as keyof typeof SHOWN) : 'open';
  const answer = useAnswer((board, signal) => board.requests({ status }, signal), status, 30_000);
  const show = (name: string) => {
    const params = new URLSearchParams(search);
    params.set('status', name);
    navigate(`${address}?${params}`, { replace: true });
  };
  return (
    <Panel title="Requests" wide>
      <div className="row">
        {Object.entries(SHOWN).map(([name, words]) => (
          <button
            key={name}
            type="button"
            className="quiet"
            aria-pressed={status === name}
            onClick={() => show(name)}
          >
            {words}
          </button>
        ))}
      </div>
      <RequestList
        requests={answer.data?.requests ?? []}
        isLoaded={answer.data !== null}
        onDone={() => {
          answer.refresh();
          onDone();
        }}
      />
    </Panel>
  );
}

function Answers({ figures }: { figures: SupportFigures }) {
  const { p50, p95, p99 } = figures.answer_seconds;
  return (
    <Panel title="How soon people are answered" wide>
      <dl className="tiles">
        <Tile
          name="Open now"
          value={count(figures.open)}
          small={
            figures.longest_waiting_seconds === null
              ? undefined
              : `the oldest for ${roughly(figures.longest_waiting_seconds)}`
          }
        />
        <Tile name="Asked" value={count(figures.requests)} small="in the range" />
        <Tile
          name="Answered"
          value={count(figures.answered)}
          small={share(figures.answered, figures.requests)}
        />
        <Tile
          name="Time to answer"
          value={p50 === undefined ? '–' : roughly(p50)}
          small={
            p95 === undefined || p99 === undefined
              ? undefined
              : `19 of 20 within ${roughly(p95)}, 99 of 100 within ${roughly(p99)}`
          }
        />
      </dl>
    </Panel>
  );
}

type PartProps = { figures: SupportFigures; setLook: (look: Look) => void };

/** So many for each thousand. */
const ofThousand = (part: number, whole: number): string =>
  whole === 0 ? '–' : STARS.format((1000 * part) / whole);
const starsOf = ({ ratings, stars }: { ratings: number; stars: number }): string =>
  ratings === 0 ? '–' : `${STARS.format(stars / ratings)} of 5 (${count(ratings)})`;

function OverTime({ figures, setLook, step, end }: PartProps & { step: string; end: string }) {
  const places = figures.steps.map((at) => stepWords(at, step));
  const rate = (of: (row: SupportFigures['by_step'][number]) => number) =>
    figures.by_step.map((row) => (row.calls === 0 ? null : (1000 * of(row)) / row.calls));
  return (
    <Panel title="Beside what went wrong" wide>
      <Figure
        title="Of 1000 calls"
        steps={places}
        format={(value) => STARS.format(value)}
        series={[
          { name: 'Requests for help', as: 'bar', values: rate((row) => row.requests) },
          { name: 'Failures of providers', values: rate((row) => row.errors) },
        ]}
        onStep={{
          label: 'Requests',
          do: (index) =>
            setLook({
              name: places[index] ?? '',
              from: figures.steps[index] ?? '',
              to: figures.steps[index + 1] ?? end,
            }),
        }}
      />
    </Panel>
  );
}

/** A figure that leads to the requests behind it. */
function Many({ requests, of, onLook }: { requests: number; of: string; onLook: () => void }) {
  if (requests === 0) return '0';
  return (
    <button type="button" className="link" onClick={onLook}>
      {count(requests)}
      <span className="hidden"> requests about {of}</span>
    </button>
  );
}

function ByVersion({ figures, setLook }: PartProps) {
  return (
    <Panel title="By release of the agent" wide>
      <Table
        label="Requests by release"
        empty="No call, and no request about one."
        head={['Release', 'Calls', 'Requests', 'Of 1000 calls', 'Failures of 1000 calls', 'Rating']}
        rows={figures.by_version.map((row) => {
          const name = row.version || 'not told';
          const look = { name: `calls of ${name}`, version: row.version };
          return {
            key: row.version,
            cells: [
              name,
              count(row.calls),
              <Many key="many" requests={row.requests} of={name} onLook={() => setLook(look)} />,
              ofThousand(row.requests, row.calls),
              ofThousand(row.errors, row.calls),
              starsOf(row),
            ],
          };
        })}
      />
    </Panel>
  );
}

function ByProvider({ figures, setLook }: PartProps) {
  return (
    <Panel title="By provider of the calls" wide>
      <Table
        label="Requests by provider"
        empty="No call used a provider."
        head={['What, and whose', 'Calls', 'Requests', 'Of 1000 calls', 'Calls with a failure', 'Failures']}
        rows={figures.by_provider.map((row) => ({
          key: row.provider,
          cells: [
            row.provider,
            count(row.calls),
            <Many
              key="many"
              requests={row.requests}
              of={row.provider}
              onLook={() => setLook({ name: `calls with ${row.provider}`, provider: row.provider })}
            />,
            ofThousand(row.requests, row.calls),
            share(row.failing_calls, row.calls),
            count(row.failures),
          ],
        }))}
      />
    </Panel>
  );
}

function ByAbout({ figures, setLook }: PartProps) {
  return (
    <Panel title="What they are about">
      <Table
        label="Requests by what they are about"
        empty="Nobody asked for help."
        head={['About', 'Requests']}
        rows={figures.by_about.map(({ about, requests }) => ({
          key: about,
          cells: [
            ABOUT[about],
            <Many
              key="many"
              requests={requests}
              of={ABOUT[about]}
              onLook={() => setLook({ name: ABOUT[about].toLowerCase(), about })}
            />,
          ],
        }))}
      />
    </Panel>
  );
}

/** The requests behind a figure. */
function Behind({
  look: { name, ...look },
  range,
  onDone,
}: {
  look: Look;
  range: { from: string; to: string };
  onDone: () => void;
}) {
  const shown = useRef<HTMLDivElement>(null);
  // It stands below the figure that it is behind.
  useEffect(() => {
    shown.current?.scrollIntoView({ block: 'start' });
    shown.current?.focus({ preventScroll: true });
  }, []);
  const asked = { from: range.from, to: range.to, ...look };
  const answer = useAnswer((board, signal) => board.requestsBehind(asked, signal), JSON.stringify(asked));
  return (
    <div ref={shown} className="wide" tabIndex={-1} data-testid="behind">
      <Panel title={`The requests about ${name}`} wide>
        <RequestList
          requests={answer.data?.requests ?? []}
          isLoaded={answer.data !== null}
          onDone={() => {
            answer.refresh();
            onDone();
          }}
        />
      </Panel>
    </div>
  );
}
