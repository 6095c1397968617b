import { useEffect, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import type { FoundPerson } from '../../../shared/api/board-people.ts';
import { shortDuration } from '../../../shared/units.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import { RoomHeading } from '../shell/room-heading.tsx';
import { Table } from './figure.tsx';
import { useBoard } from './use-board.ts';
import { moment } from './words.ts';

const TYPING_MS = 250;

/** Finding somebody by whatever is known of them. The text stands in the address. */
export function PeopleRoom() {
  const board = useBoard();
  const [address, navigate] = useLocation();
  const [text, setText] = useState(new URLSearchParams(useSearch()).get('text') ?? '');
  const [found, setFound] = useState<FoundPerson[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const asked = text.trim();

  useEffect(() => {
    if (asked === '') {
      setFound(null);
      return;
    }
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      navigate(`${address}?${new URLSearchParams({ text: asked })}`, { replace: true });
      try {
        const { people } = await board.findPeople(asked, stop.signal);
        setFound(people);
        setError(null);
      } catch (failure) {
        if (!stop.signal.aborted) setError(failure);
      }
    }, TYPING_MS);
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [asked, address, board, navigate]);

  return (
    <>
      <RoomHeading>People</RoomHeading>
      <div className="board">
        <search className="panel wide">
          <label>
            E-mail address or name, or the id of anything of theirs
            <input
              type="search"
              value={text}
              onChange={({ target }) => setText(target.value)}
              maxLength={200}
              autoComplete="off"
              spellCheck={false}
              data-testid="find"
            />
            <small>
              Call, purchase, card, payment (pi_…), refund, dispute, customer, or an activation code.
            </small>
          </label>
          {error !== null && <ErrorMessage error={error} />}
          <p className="status faint" role="status">
            {found === null ? '' : found.length === 0 ? 'Nobody is found by that.' : `${found.length} found.`}
          </p>
          {found !== null && found.length > 0 && (
            <Table
              label="Found"
              head={['Person', 'Name', 'Found by', 'Time left', 'Since', '']}
              rows={found.map((person) => ({
                key: person.user_id,
                cells: [
                  <Link key="who" href={`/operator/people/${person.user_id}`} data-testid="found">
                    {person.email ?? `deleted, ${person.user_id.slice(0, 8)}`}
                  </Link>,
                  person.display_name || '–',
                  person.found_by,
                  shortDuration(person.balance_seconds),
                  moment(person.created_at),
                  person.is_deleted
                    ? 'deleted'
                    : person.is_frozen
                      ? 'frozen'
                      : person.role === 'operator'
                        ? 'operator'
                        : '',
                ],
              }))}
            />
          )}
        </search>
      </div>
    </>
  );
}
