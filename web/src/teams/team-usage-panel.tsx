import { useCallback } from 'react';
import type { Member } from '../../../shared/api/tenants.ts';
import type { UsageRow } from '../../../shared/api/usage.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import { usePolled } from '../api/use-polled.ts';
import { dayWords, money, shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import type { TeamsApi } from './teams-api.ts';

const SLOW_MS = 60_000;

interface TeamUsagePanelProps {
  api: TeamsApi;
  id: string;
  members: readonly Member[] | null;
}

/** What was used in the last 30 days: by day, by tool and by person. A member sees their own part. */
export function TeamUsagePanel({ api, id, members }: TeamUsagePanelProps) {
  const { usage: words, members: people } = useWords('teams');
  const usage = usePolled(
    useCallback(
      async (signal: AbortSignal) => {
        const [days, tools, persons] = await Promise.all(
          (['day', 'tool', 'person'] as const).map((by) => api.usage(id, by, signal)),
        );
        return { days: days ?? [], tools: tools ?? [], persons: persons ?? [] };
      },
      [api, id],
    ),
    SLOW_MS,
  );
  const nameOf = (userId: string) => {
    const member = members?.find(({ user_id }) => user_id === userId);
    return member?.display_name || (member?.email ?? people.unnamed);
  };
  return (
    <section className="panel" aria-labelledby="team-usage" data-testid="team-usage">
      <h2 id="team-usage">{words.title}</h2>
      {usage.data && (
        <>
          {usage.data.days.length === 0 && <p className="faint">{words.none}</p>}
          <UsageTable
            title={words.byDay}
            rows={usage.data.days}
            of={(row) => dayWords((row.at ?? '').slice(0, 10))}
          />
          <UsageTable title={words.byTool} rows={usage.data.tools} of={(row) => row.tool ?? '–'} />
          <UsageTable
            title={words.byPerson}
            rows={usage.data.persons}
            of={(row) => nameOf(row.user_id ?? '')}
          />
        </>
      )}
      {usage.error != null && <ErrorMessage error={usage.error} />}
    </section>
  );
}

interface Line {
  name: string;
  seconds: number;
  tools: number;
  /** By currency: no sum is of two. */
  micros: Map<string, number>;
}

function linesOf(rows: readonly UsageRow[], of: (row: UsageRow) => string): Line[] {
  const lines = new Map<string, Line>();
  for (const row of rows) {
    const name = of(row);
    const line = lines.get(name) ?? { name, seconds: 0, tools: 0, micros: new Map() };
    if (row.kind === 'voice_second') line.seconds += row.quantity;
    if (row.kind === 'tool_call') line.tools += row.quantity;
    line.micros.set(row.currency, (line.micros.get(row.currency) ?? 0) + row.price_micros);
    lines.set(name, line);
  }
  return [...lines.values()];
}

const costOf = ({ micros }: Line) =>
  [...micros]
    .filter(([, amount]) => amount > 0)
    .map(([currency, amount]) => money(Math.round(amount / 10_000), currency))
    .join(' + ') || '–';

interface UsageTableProps {
  title: string;
  rows: readonly UsageRow[];
  of: (row: UsageRow) => string;
}

function UsageTable({ title, rows, of }: UsageTableProps) {
  const { usage: words } = useWords('teams');
  if (rows.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is scrolled has to be reached by keyboard
    <section className="team-table" aria-label={title} tabIndex={0}>
      <table className="prices">
        <thead>
          <tr>
            <th scope="col">{title}</th>
            <th scope="col" className="number">
              {words.talked}
            </th>
            <th scope="col" className="number">
              {words.tools}
            </th>
            <th scope="col" className="number">
              {words.cost}
            </th>
          </tr>
        </thead>
        <tbody>
          {linesOf(rows, of).map((line) => (
            <tr key={line.name}>
              <th scope="row">{line.name}</th>
              <td className="number">{line.seconds > 0 ? shortDuration(line.seconds) : '–'}</td>
              <td className="number">{line.tools || '–'}</td>
              <td className="number">{costOf(line)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
