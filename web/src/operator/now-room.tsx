import { useState } from 'react';
import { Link } from 'wouter';
import type { BoardNow } from '../../../shared/api/board-people.ts';
import { shortDuration } from '../../../shared/units.ts';
import { type Act, ActDialog } from './act-dialog.tsx';
import { Table, Tile } from './figure.tsx';
import { Jobs, Providers, placesOf, Workers } from './now-parts.tsx';
import { BoardRoom, Panel } from './room.tsx';
import { useAnswer, useBoard } from './use-board.ts';
import { count, roughly } from './words.ts';

const NOW_MS = 5_000;

/** What an alarm means, and where somebody does something about it. */
const ALARMS: Record<string, { words: string; to?: string }> = {
  books_broken: {
    words: 'The audit found that the books do not balance: look at docs/runbooks before anything else',
  },
  nobody_answers: { words: 'Whoever calls now is not answered' },
  workers_silent: { words: 'Workers that tell nothing any more' },
  jobs_given_up: { words: 'Jobs that were given up: below' },
  events_parked: { words: 'Events of Stripe that could not be applied', to: '/operator/money' },
  reviews: { words: 'Payments that do not fit their purchase', to: '/operator/money' },
  disputes_open: { words: 'Open disputes', to: '/operator/money' },
  findings: { words: 'Differences between Stripe and the books', to: '/operator/money' },
  calls_silent: { words: 'Calls whose worker is silent' },
  people_without_customer: { words: 'People without a customer at Stripe' },
};

/** What goes on now. */
export function NowRoom() {
  const board = useBoard();
  const answer = useAnswer((asked, signal) => asked.now(signal), 'now', NOW_MS);
  const [act, setAct] = useState<Act | null>(null);
  const end = ({ call_id, email }: BoardNow['calls'][number]) =>
    setAct({
      title: 'End this call',
      words: `The call of ${email ?? 'somebody'} ends at once. What was talked is settled as if they had hung up.`,
      button: 'End the call',
      isDangerous: true,
      run: (reason) => board.endCall(call_id, reason),
    });
  return (
    <>
      <BoardRoom title="Now" answer={answer}>
        {(now) => (
          <>
            <Alarms now={now} />
            <Panel title="Calls under way" wide>
              <dl className="tiles">
                <Tile name="Live calls" value={count(now.live_calls)} />
                <Tile {...placesOf(now.workers)} />
                <Tile name="Database" value={now.health.database} />
                <Tile name="Jobs" value={now.health.jobs} />
                <Tile
                  name="Mail"
                  value={now.health.mail === 'ok' ? 'ok' : 'not sent'}
                  small={now.health.mail === 'ok' ? undefined : now.health.mail}
                />
              </dl>
              <Table
                label="Calls under way"
                empty="Nobody is in a call."
                head={['Person', 'Since', 'Used', 'Left', 'Its worker', '']}
                rows={now.calls.map((call) => ({
                  key: call.call_id,
                  cells: [
                    <Link key="who" href={`/operator/people/${call.user_id}`}>
                      {call.email ?? call.user_id}
                    </Link>,
                    roughly((Date.parse(now.at) - Date.parse(call.opened_at)) / 1000),
                    shortDuration(call.used_seconds),
                    shortDuration(call.left_seconds),
                    call.is_silent ? (
                      <span key="worker" className="bad">
                        silent
                      </span>
                    ) : (
                      'reports'
                    ),
                    <button key="end" type="button" className="quiet" onClick={() => end(call)}>
                      End<span className="hidden"> the call of {call.email}</span>
                    </button>,
                  ],
                }))}
              />
              {now.live_calls > now.calls.length && (
                <p className="faint">The oldest {now.calls.length} are shown.</p>
              )}
            </Panel>
            <Workers workers={now.workers} />
            <Providers providers={now.providers} />
            <Jobs jobs={now.jobs} givenUp={now.given_up} setAct={setAct} />
          </>
        )}
      </BoardRoom>
      {act && <ActDialog act={act} onClose={() => setAct(null)} onDone={answer.refresh} />}
    </>
  );
}

function Alarms({ now }: { now: BoardNow }) {
  if (now.alarms.length === 0)
    return (
      <p className="wide good" data-testid="all-well">
        Nothing waits for a person.
      </p>
    );
  return (
    <ul className="wide plain alarms">
      {now.alarms.map(({ alarm, count: much, detail }) => {
        const { words, to } = ALARMS[alarm] ?? { words: alarm };
        return (
          <li key={alarm} className="warning">
            {alarm !== 'nobody_answers' && <strong>{count(much)} </strong>}
            {to === undefined ? words : <Link href={to}>{words}</Link>}
            {detail !== null && <small>{detail}</small>}
          </li>
        );
      })}
    </ul>
  );
}
