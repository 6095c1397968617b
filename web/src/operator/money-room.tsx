import { useState } from 'react';
import { Link } from 'wouter';
import { shortDuration } from '../../../shared/units.ts';
import { type Act, ActDialog } from './act-dialog.tsx';
import type { Board } from './board-api.ts';
import { CodeBatches } from './code-batches.tsx';
import { Table } from './figure.tsx';
import { BoardRoom, Panel } from './room.tsx';
import { useAnswer, useBoard } from './use-board.ts';
import { cents, count, moment } from './words.ts';

/** Money that waits for a person, and where Stripe and the books differ. */
export function MoneyRoom() {
  const board = useBoard();
  const [act, setAct] = useState<Act | null>(null);
  const answer = useAnswer(
    async (asked, signal) => {
      const [reviews, disputes, findings, events, batches] = await Promise.all([
        asked.reviews(signal),
        asked.disputes(signal),
        asked.findings(signal),
        asked.parkedEvents(signal),
        asked.batches(signal),
      ]);
      return { ...reviews, ...disputes, ...findings, ...events, ...batches };
    },
    'money',
    30_000,
  );
  const decide = (purchaseId: string, decision: 'release' | 'refuse') =>
    setAct({
      title: decision === 'release' ? 'Give the time' : 'Send the money back',
      words:
        decision === 'release'
          ? 'The time of the package is given for what was received.'
          : 'No time is given, and what was received is refunded.',
      button: decision === 'release' ? 'Give the time' : 'Refuse and refund',
      isDangerous: decision === 'refuse',
      run: (reason) => board.review(purchaseId, decision, reason),
    });
  const replay = (eventId: string) =>
    setAct({
      title: 'Apply this event again',
      words:
        'What it is about is fetched from Stripe as it is now. If that fails again, the event is parked again.',
      button: 'Apply it',
      run: (reason) => board.replay(eventId, reason),
    });
  return (
    <>
      <BoardRoom title="Money" answer={answer}>
        {({ purchases, disputes, findings, events, batches }) => (
          <>
            <Reviews purchases={purchases} decide={decide} />
            <Disputes disputes={disputes} />
            <Differences findings={findings} events={events} replay={replay} />
            <CodeBatches batches={batches} setAct={setAct} />
          </>
        )}
      </BoardRoom>
      {act && <ActDialog act={act} onClose={() => setAct(null)} onDone={answer.refresh} />}
    </>
  );
}

const Who = ({ userId, email = null }: { userId: string; email?: string | null }) => (
  <Link href={`/operator/people/${userId}`}>{email ?? userId.slice(0, 8)}</Link>
);

type Answer<Name extends 'reviews' | 'disputes' | 'findings' | 'parkedEvents' | 'batches'> = Awaited<
  ReturnType<Board[Name]>
>;

/** With what the books know of it: for the answer to the bank. */
function Disputes({ disputes }: Answer<'disputes'>) {
  return (
    <Panel title="Disputes, with what speaks against them" wide>
      <Table
        label="Disputes"
        empty="None."
        head={['When', 'Who', 'Amount', 'Status', 'Used of what was bought', 'In calls', 'Payment']}
        rows={disputes.map(({ evidence, ...row }) => ({
          key: row.dispute_id,
          cells: [
            moment(row.created_at),
            <Who key="who" userId={row.user_id} email={row.email} />,
            cents(row.amount_cents, row.currency),
            <span key="status" className={row.status === 'open' ? 'bad' : ''}>
              {row.status}
              <small>{row.reason ?? ''}</small>
            </span>,
            `${shortDuration(evidence.used_seconds)} of ${shortDuration(evidence.sold_seconds)}`,
            evidence.calls === 0
              ? 'none'
              : `${count(evidence.calls)}: ${moment(evidence.first_used_at)} to ${moment(evidence.last_used_at)}`,
            <code key="payment">{row.payment_intent_id ?? '–'}</code>,
          ],
        }))}
      />
    </Panel>
  );
}

/** Money that came and does not fit its purchase. */
function Reviews({
  purchases,
  decide,
}: Answer<'reviews'> & { decide: (purchaseId: string, decision: 'release' | 'refuse') => void }) {
  return (
    <Panel title="Under review" wide>
      <Table
        label="Purchases under review"
        empty="No payment waits for a decision."
        head={['When', 'Who', 'What', 'Price', 'Received', 'Why', '']}
        rows={purchases.map((row) => ({
          key: row.id,
          cells: [
            moment(row.created_at),
            <Who key="who" userId={row.user_id} />,
            row.package_id,
            cents(row.amount_cents, row.currency),
            row.received_cents === null
              ? '–'
              : cents(row.received_cents, row.received_currency ?? row.currency),
            row.review_reason ?? '–',
            <div key="acts" className="row">
              <button type="button" className="quiet" onClick={() => decide(row.id, 'release')}>
                Release
              </button>
              <button type="button" className="quiet" onClick={() => decide(row.id, 'refuse')}>
                Refuse
              </button>
            </div>,
          ],
        }))}
      />
    </Panel>
  );
}

function Differences({
  findings,
  events,
  replay,
}: Answer<'findings'> & Answer<'parkedEvents'> & { replay: (eventId: string) => void }) {
  return (
    <>
      <Panel title="Where Stripe and the books differ" wide>
        <Table
          label="Findings"
          empty="Nowhere."
          head={['Kind', 'About', 'What', 'First seen', 'Last seen']}
          rows={findings.map((row) => ({
            key: `${row.kind} ${row.subject}`,
            cells: [
              row.kind.replaceAll('_', ' '),
              <code key="about">{row.subject}</code>,
              row.detail,
              moment(row.first_seen_at),
              moment(row.last_seen_at),
            ],
          }))}
        />
      </Panel>
      <Panel title="Events of Stripe that could not be applied" wide>
        <Table
          label="Parked events"
          empty="None."
          head={['Event', 'Type', 'Attempts', 'Last error', 'When', '']}
          rows={events.map((row) => ({
            key: row.id,
            cells: [
              <code key="id">{row.id}</code>,
              row.type,
              count(row.attempts),
              row.last_error ?? '–',
              moment(row.received_at),
              <button
                key="replay"
                type="button"
                className="quiet"
                data-testid="replay"
                onClick={() => replay(row.id)}
              >
                Apply again<span className="hidden"> {row.id}</span>
              </button>,
            ],
          }))}
        />
      </Panel>
    </>
  );
}
