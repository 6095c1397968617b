import { useRef, useState } from 'react';
import { useParams } from 'wouter';
import type { BoardPerson } from '../../../shared/api/board-people.ts';
import { decimalsOf, shortDuration } from '../../../shared/units.ts';
import { type Act, ActDialog } from './act-dialog.tsx';
import { Acts } from './acts.tsx';
import { Table, Tile } from './figure.tsx';
import { RequestList } from './request-list.tsx';
import { BoardRoom, Panel } from './room.tsx';
import { useAnswer, useBoard } from './use-board.ts';
import { cents, dayOf, milliseconds, moment } from './words.ts';

type Purchase = BoardPerson['purchases'][number];

const leftOf = (purchase: Purchase) => (purchase.received_cents ?? 0) - purchase.refunded_cents;
const isPaid = ({ status }: Purchase) =>
  status === 'succeeded' || status === 'review' || status === 'refused';

/** All about one person, and what an operator does about them. */
export function PersonRoom() {
  const { user_id: userId = '' } = useParams();
  const answer = useAnswer((board, signal) => board.person(userId, signal), userId, 15_000);
  const requests = useAnswer((board, signal) => board.requests({ user_id: userId }, signal), userId);
  const [act, setAct] = useState<Act | null>(null);
  const acts = useActs(userId, setAct);
  return (
    <>
      <BoardRoom title={answer.data?.person.email ?? 'A person'} answer={answer}>
        {(page) => (
          <>
            <Account page={page} acts={acts} />
            <Purchases purchases={page.purchases} onRefund={acts.refund} />
            <Cards cards={page.cards} />
            <Calls calls={page.calls} />
            <Panel title="Asked for help" wide>
              <RequestList
                requests={requests.data?.requests ?? []}
                onDone={requests.refresh}
                isLoaded={requests.data !== null}
              />
            </Panel>
            <Panel title="What operators did" wide>
              <Acts acts={page.acts} empty="Nothing yet." />
            </Panel>
          </>
        )}
      </BoardRoom>
      {act && (
        <ActDialog
          act={act}
          onClose={() => setAct(null)}
          onDone={() => {
            answer.refresh();
            requests.refresh();
          }}
        />
      )}
    </>
  );
}

/** The acts about a person. What a dialog asks besides the reason is read when it is done. */
function useActs(userId: string, setAct: (act: Act) => void) {
  const board = useBoard();
  const minutes = useRef<HTMLInputElement>(null);
  const amount = useRef<HTMLInputElement>(null);
  return {
    goodwill: () =>
      setAct({
        title: 'Give time',
        words: 'A card of its own, valid for a year. It is never refunded.',
        button: 'Give it',
        run: (reason, key) =>
          board.goodwill(userId, Math.round(Number(minutes.current?.value) * 60), reason, key),
        fields: (
          <label>
            Minutes
            <input
              ref={minutes}
              type="number"
              required
              min={1}
              max={6000}
              defaultValue={10}
              inputMode="numeric"
            />
          </label>
        ),
      }),
    freeze: (isFrozen: boolean) =>
      setAct({
        title: isFrozen ? 'Freeze this account' : 'Free this account',
        words: isFrozen
          ? 'No call, purchase or code begins on it until it is freed. What is there stays, and money still comes back.'
          : 'Calls, purchases and codes begin again.',
        button: isFrozen ? 'Freeze it' : 'Free it',
        isDangerous: isFrozen,
        run: (reason) => board.freeze(userId, isFrozen, reason),
      }),
    erase: () =>
      setAct({
        title: 'Erase this person',
        words:
          'Name, address and all that was told are deleted; time that is left is used by nobody. What the books must keep stays without a name. This cannot be undone.',
        button: 'Erase for ever',
        isDangerous: true,
        run: (reason) => board.erase(userId, reason),
      }),
    refund(purchase: Purchase) {
      const { currency } = purchase;
      const decimals = decimalsOf(currency);
      const left = leftOf(purchase);
      setAct({
        title: 'Refund',
        words: `${cents(left, currency)} of ${purchase.package_id} can be refunded. The same share of its time is taken back: what is left of the card first, the rest as debt.`,
        button: 'Refund',
        isDangerous: true,
        run: (reason, key) =>
          board.refund(
            purchase.purchase_id,
            Math.round(Number(amount.current?.value) * 10 ** decimals),
            reason,
            key,
          ),
        fields: (
          <label>
            Amount in {currency.toUpperCase()}
            <input
              ref={amount}
              type="number"
              required
              min={1 / 10 ** decimals}
              max={left / 10 ** decimals}
              step={1 / 10 ** decimals}
              defaultValue={(left / 10 ** decimals).toFixed(decimals)}
              inputMode="decimal"
              data-testid="amount"
            />
          </label>
        ),
      });
    },
  };
}

function Account({
  page: { person, account, auto_top_up },
  acts,
}: {
  page: BoardPerson;
  acts: ReturnType<typeof useActs>;
}) {
  const isThere = person.deleted_at === null;
  return (
    <Panel title="Account" wide>
      {person.frozen_at !== null && <p className="warning">Frozen since {moment(person.frozen_at)}.</p>}
      {!isThere && (
        <p className="warning">Deleted on {moment(person.deleted_at)}. What the books must keep is here.</p>
      )}
      <dl className="tiles">
        <Tile
          name="Time left"
          value={shortDuration(account?.balance_seconds ?? 0)}
          small={
            account && account.held_seconds > 0
              ? `${shortDuration(account.held_seconds)} held by calls`
              : undefined
          }
        />
        <Tile name="Debt" value={shortDuration(account?.debt_seconds ?? 0)} />
        <Tile name="Live calls" value={String(account?.live_calls ?? 0)} />
        <Tile name="Automatic top-up" value={auto_top_up.status.replace('_', ' ')} />
        <Tile name="Since" value={dayOf(person.created_at)} small={person.display_name || undefined} />
      </dl>
      <p className="faint">
        <code>{person.user_id}</code>
        {person.stripe_customer_id !== null && (
          <>
            {' '}
            · <code>{person.stripe_customer_id}</code>
          </>
        )}
        {person.role === 'operator' && ' · operator'}
      </p>
      {isThere && (
        <div className="row">
          <button type="button" onClick={acts.goodwill} data-testid="goodwill">
            Give time
          </button>
          <button type="button" onClick={() => acts.freeze(person.frozen_at === null)} data-testid="freeze">
            {person.frozen_at === null ? 'Freeze' : 'Free'}
          </button>
          <button type="button" onClick={acts.erase} data-testid="erase">
            Erase
          </button>
        </div>
      )}
    </Panel>
  );
}

function Purchases({
  purchases,
  onRefund,
}: {
  purchases: Purchase[];
  onRefund: (purchase: Purchase) => void;
}) {
  return (
    <Panel title="Purchases" wide>
      <Table
        label="Purchases"
        empty="None."
        head={['When', 'What', 'Status', 'Received', 'Gone back', '']}
        rows={purchases.map((purchase) => ({
          key: purchase.purchase_id,
          cells: [
            moment(purchase.created_at),
            `${purchase.package_id}${purchase.purpose === 'gift' ? ', a gift' : ''}`,
            <span key="status" className={purchase.status === 'review' ? 'bad' : ''}>
              {purchase.status.replace('_', ' ')}
              {(purchase.review_reason ?? purchase.failure_code) !== null && (
                <small>{purchase.review_reason ?? purchase.failure_code}</small>
              )}
            </span>,
            purchase.received_cents === null ? '–' : cents(purchase.received_cents, purchase.currency),
            cents(purchase.refunded_cents + purchase.lost_cents, purchase.currency),
            isPaid(purchase) && leftOf(purchase) > 0 ? (
              <button
                key="refund"
                type="button"
                className="quiet"
                onClick={() => onRefund(purchase)}
                data-testid="refund"
              >
                Refund
                <span className="hidden">
                  {' '}
                  {purchase.package_id} of {moment(purchase.created_at)}
                </span>
              </button>
            ) : (
              ''
            ),
          ],
        }))}
      />
    </Panel>
  );
}

function Cards({ cards }: { cards: BoardPerson['cards'] }) {
  return (
    <Panel title="Cards" wide>
      <Table
        label="Cards"
        empty="None."
        head={['From', 'Status', 'Left', 'Of', 'Ends']}
        rows={cards.map((card) => ({
          key: card.card_id,
          cells: [
            `${card.source}${card.package_id === null ? '' : `, ${card.package_id}`}${card.is_given_away ? ', given away' : ''}`,
            `${card.status}${card.frozen_seconds > 0 ? `, ${shortDuration(card.frozen_seconds)} frozen` : ''}`,
            shortDuration(card.remaining_seconds),
            shortDuration(card.seconds),
            moment(card.expires_at),
          ],
        }))}
      />
    </Panel>
  );
}

function Calls({ calls }: { calls: BoardPerson['calls'] }) {
  return (
    <Panel title="Calls" wide>
      <Table
        label="Calls"
        empty="None."
        head={['Began', 'Charged', 'Ended', 'p95', 'Failures', 'Quality']}
        rows={calls.map((call) => ({
          key: call.call_id,
          cells: [
            moment(call.opened_at),
            call.charged_seconds === null ? 'goes on' : shortDuration(call.charged_seconds),
            call.end_reason?.replaceAll('_', ' ') ?? '–',
            call.latency_p95_ms === null ? '–' : milliseconds(call.latency_p95_ms),
            call.errors ?? '–',
            call.quality ?? '–',
          ],
        }))}
      />
    </Panel>
  );
}
