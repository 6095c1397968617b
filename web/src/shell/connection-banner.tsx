import { goOn, useConnection } from '../api/connection.ts';
import { useWords } from '../words/use-words.ts';

/** Says once, for all rooms, that there is no connection, and that it is there again. It lies over the room and moves nothing. */
export function ConnectionBanner() {
  const { connection } = useWords('shell');
  const state = useConnection();
  return (
    <div className="connection" role="status" data-testid="connection" data-state={state}>
      {state !== 'fine' && (
        <div className="connection-words">
          <span>{connection[state]}</span>
          {state === 'unreachable' && (
            <button type="button" className="quiet" onClick={goOn} data-testid="try-now">
              {connection.tryNow}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
