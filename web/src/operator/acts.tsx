import type { OperatorAct } from '../../../shared/api/board-people.ts';
import { Table } from './figure.tsx';
import { moment } from './words.ts';

/** What operators did, and why. */
export function Acts({ acts, empty }: { acts: OperatorAct[]; empty: string }) {
  return (
    <Table
      label="What operators did"
      empty={empty}
      head={['When', 'Who', 'What', 'About', 'Why']}
      rows={acts.map((act) => ({
        key: `${act.at} ${act.act} ${act.subject}`,
        cells: [
          moment(act.at),
          act.operator_email ?? 'deleted',
          act.act.replaceAll('_', ' '),
          <code key="about">{act.subject.length > 20 ? `${act.subject.slice(0, 8)}…` : act.subject}</code>,
          act.reason,
        ],
      }))}
    />
  );
}
