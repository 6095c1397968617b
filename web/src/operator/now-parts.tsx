import type { BoardNow } from '../../../shared/api/board-people.ts';
import type { Act } from './act-dialog.tsx';
import { Table } from './figure.tsx';
import { Panel } from './room.tsx';
import { useBoard } from './use-board.ts';
import { count, moment, roughly, share, sum } from './words.ts';

type Worker = BoardNow['workers'][number];
type Provider = BoardNow['providers'][number];

const STATES: Record<Worker['state'], string> = {
  open: 'takes calls',
  full: 'full',
  starved: 'its calls do not start',
  draining: 'lets its calls end',
  not_connected: 'not connected to LiveKit',
};
/** From so many failing calls of ten on a provider is called failing. */
const FAILING = 0.2;

/** How many more calls there is room for, as far as workers count them. */
export function placesOf(workers: Worker[]): { name: string; value: string; small: string } {
  const open = workers.filter(({ state, is_silent }) => state === 'open' && !is_silent);
  const counted = open.every(({ seats }) => seats !== null);
  const taken = sum(open, ({ calls }) => calls);
  const seats = sum(open, (worker) => worker.seats ?? 0);
  const small = `${count(open.length)} of ${count(workers.length)} workers take calls`;
  if (open.length === 0) return { name: 'Places', value: 'none', small };
  return {
    name: counted ? 'Places' : 'Load of workers',
    value: counted
      ? `${count(Math.max(0, seats - taken))} free of ${count(seats)}`
      : `${Math.round(sum(open, (worker) => worker.load_percent) / open.length)} %`,
    small,
  };
}

/** One that lets its calls end before it goes is well, too. */
const isWell = ({ is_silent, state }: Worker) => !is_silent && ['open', 'full', 'draining'].includes(state);

function freeOf({ is_silent, state, seats, calls }: Worker): string {
  if (is_silent || state !== 'open') return '0';
  return seats === null ? 'by its load' : count(Math.max(0, seats - calls));
}

export function Workers({ workers }: { workers: Worker[] }) {
  return (
    <Panel title="Workers" wide>
      <Table
        label="Workers"
        empty="No worker has told of itself in the last hour."
        head={['Worker', 'State', 'Calls', 'Free', 'Load', 'Release', 'Since', 'Told']}
        rows={workers.map((worker) => ({
          key: worker.worker_id,
          cells: [
            worker.name,
            <span key="state" className={isWell(worker) ? '' : 'bad'}>
              {worker.is_silent ? 'silent' : STATES[worker.state]}
            </span>,
            count(worker.calls),
            freeOf(worker),
            `${count(worker.load_percent)} %`,
            worker.release || 'not told',
            moment(worker.started_at),
            `${roughly(worker.reported_seconds_ago)} ago`,
          ],
        }))}
      />
    </Panel>
  );
}

function healthOf({ calls, failing_calls }: Provider): { words: string; isBad: boolean } {
  if (failing_calls === 0) return { words: 'well', isBad: false };
  const isBad = failing_calls >= FAILING * calls;
  return { words: isBad ? 'failing' : 'fails at times', isBad };
}

export function Providers({ providers }: { providers: Provider[] }) {
  return (
    <Panel title="Providers, this hour and the last">
      <Table
        label="Providers"
        empty="No call has ended."
        head={['What, and whose', 'Health', 'Calls', 'Calls with a failure', 'Failures']}
        rows={providers.map((row) => {
          const { words, isBad } = healthOf(row);
          return {
            key: row.provider,
            cells: [
              row.provider,
              <span key="health" className={isBad ? 'bad' : ''}>
                {words}
              </span>,
              count(row.calls),
              `${count(row.failing_calls)} (${share(row.failing_calls, row.calls)})`,
              count(row.failures),
            ],
          };
        })}
      />
    </Panel>
  );
}

interface JobsProps {
  jobs: BoardNow['jobs'];
  givenUp: BoardNow['given_up'];
  setAct: (act: Act) => void;
}

/** What is owed to the world, and what was given up: that can be taken up again, or dropped. */
export function Jobs({ jobs, givenUp, setAct }: JobsProps) {
  const board = useBoard();
  const retry = ({ id, kind }: JobsProps['givenUp'][number]) =>
    setAct({
      title: 'Try again',
      words: `The job (${kind.replaceAll('_', ' ')}) gets all its attempts anew, from now on.`,
      button: 'Try again',
      run: (reason) => board.retryJob(id, reason),
    });
  const drop = ({ id, kind }: JobsProps['givenUp'][number]) =>
    setAct({
      title: 'Drop this job',
      words: `What it owes (${kind.replaceAll('_', ' ')}) is never done, and cannot be owed again.`,
      button: 'Drop it',
      isDangerous: true,
      run: (reason) => board.dropJob(id, reason),
    });
  return (
    <>
      <Panel title="What is owed to the world">
        <Table
          label="Jobs"
          empty="Nothing is owed."
          head={['Kind', 'Waiting', 'Oldest', 'Given up']}
          rows={jobs.map(({ kind, waiting, oldest_seconds, given_up }) => ({
            key: kind,
            cells: [kind, count(waiting), waiting > 0 ? roughly(oldest_seconds) : '–', count(given_up)],
          }))}
        />
      </Panel>
      {givenUp.length > 0 && (
        <Panel title="Jobs that were given up" wide>
          <Table
            label="Jobs that were given up"
            head={['When', 'Kind', 'Key', 'Attempts', 'Why', '']}
            rows={givenUp.map((job) => ({
              key: job.id,
              cells: [
                moment(job.parked_at),
                job.kind,
                <code key="key">{job.key}</code>,
                count(job.attempts),
                job.last_error ?? '–',
                <div key="acts" className="row">
                  <button type="button" className="quiet" data-testid="retry-job" onClick={() => retry(job)}>
                    Try again<span className="hidden"> {job.key}</span>
                  </button>
                  <button type="button" className="quiet" data-testid="drop-job" onClick={() => drop(job)}>
                    Drop<span className="hidden"> {job.key}</span>
                  </button>
                </div>,
              ],
            }))}
          />
        </Panel>
      )}
    </>
  );
}
