import { useRef } from 'react';
import type { CodeBatch, CodeBatchRequest } from '../../../shared/api/code-batches.ts';
import { shortDuration } from '../../../shared/units.ts';
import { saveFile } from '../api/save-file.ts';
import type { Act } from './act-dialog.tsx';
import { Table } from './figure.tsx';
import { Panel } from './room.tsx';
import { useBoard } from './use-board.ts';
import { count, moment } from './words.ts';

const KINDS = { gift: 'Gifts of the house', promo: 'A promotion', reseller: 'For a reseller' } as const;
const YEAR_MS = 365 * 86_400_000;

interface CodeBatchesProps {
  batches: CodeBatch[];
  setAct: (act: Act) => void;
}

/** Codes that nobody bought: issued, exported once, and taken back as far as nobody used them. */
export function CodeBatches({ batches, setAct }: CodeBatchesProps) {
  const board = useBoard();
  const issue = useIssue(setAct);
  const exportCodes = ({ id, count: many }: CodeBatch) =>
    setAct({
      title: 'Export the codes',
      words: `The ${count(many)} codes come as one file (CSV), once: whoever has it can use them.`,
      button: 'Export them',
      run: async (reason) => saveFile(await board.exportCodes(id, reason), `codes-${id}.csv`),
    });
  const revoke = ({ id, waiting }: CodeBatch) =>
    setAct({
      title: 'Take the codes back',
      words: `${count(waiting)} codes that nobody used open nothing any more. Time that was activated stays. It cannot be undone.`,
      button: 'Take them back',
      isDangerous: true,
      run: (reason) => board.revokeCodes(id, reason),
    });
  return (
    <Panel title="Batches of codes" wide>
      <div className="row">
        <button type="button" onClick={issue} data-testid="issue-codes">
          Issue codes
        </button>
      </div>
      <Table
        label="Batches of codes"
        empty="None was issued."
        head={['Issued', 'Kind', 'Note', 'Each', 'Used', 'Waiting', 'Taken back', 'Exported', '']}
        rows={batches.map((row) => ({
          key: row.id,
          cells: [
            moment(row.created_at),
            KINDS[row.kind],
            row.note,
            shortDuration(row.seconds),
            `${count(row.activated)} of ${count(row.count)}`,
            count(row.waiting),
            count(row.revoked),
            moment(row.exported_at),
            <div key="acts" className="row">
              {row.exported_at === null && row.revoked_at === null && (
                <button
                  type="button"
                  className="quiet"
                  data-testid="export-codes"
                  onClick={() => exportCodes(row)}
                >
                  Export<span className="hidden"> {row.note}</span>
                </button>
              )}
              {row.waiting > 0 && (
                <button
                  type="button"
                  className="quiet"
                  data-testid="revoke-codes"
                  onClick={() => revoke(row)}
                >
                  Take back<span className="hidden"> {row.note}</span>
                </button>
              )}
            </div>,
          ],
        }))}
      />
    </Panel>
  );
}

/** The dialog of a new batch: what it asks besides the reason, which is the batch's note, is read when it is done. */
function useIssue(setAct: (act: Act) => void) {
  const board = useBoard();
  const kind = useRef<HTMLSelectElement>(null);
  const many = useRef<HTMLInputElement>(null);
  const minutes = useRef<HTMLInputElement>(null);
  const until = useRef<HTMLInputElement>(null);
  const asked = (note: string): CodeBatchRequest => ({
    kind: (kind.current?.value ?? 'promo') as CodeBatchRequest['kind'],
    count: Number(many.current?.value),
    minutes: Number(minutes.current?.value),
    expires_at: new Date(`${until.current?.value}T23:59:59`).toISOString(),
    note,
  });
  return () =>
    setAct({
      title: 'Issue codes',
      words: 'Cards that belong to nobody yet. The codes themselves are seen once, when they are exported.',
      button: 'Issue them',
      run: (note, key) => board.issueCodes(asked(note), key),
      fields: (
        <>
          <label>
            What they are for
            <select ref={kind} defaultValue="promo">
              {Object.entries(KINDS).map(([key, name]) => (
                <option key={key} value={key}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label>
            How many
            <input
              ref={many}
              type="number"
              min={1}
              max={1000}
              defaultValue={10}
              required
              data-testid="many"
            />
          </label>
          <label>
            Minutes on each
            <input ref={minutes} type="number" min={1} max={60_000} defaultValue={30} required />
          </label>
          <label>
            Can be used up to
            <input
              ref={until}
              type="date"
              required
              defaultValue={new Date(Date.now() + YEAR_MS).toISOString().slice(0, 10)}
            />
          </label>
        </>
      ),
    });
}
