import { useState } from 'react';
import { Link } from 'wouter';
import type { VoiceFigures, Wait } from '../../../shared/api/board-figures.ts';
import type { Range } from './board-api.ts';
import { Figure, Table, Tile } from './figure.tsx';
import { RangePicker, useRange } from './range.tsx';
import { BoardRoom, Panel } from './room.tsx';
import { useAnswer } from './use-board.ts';
import { count, hours, milliseconds, moment, share, stepWords } from './words.ts';

const PARTS = [
  ['end_of_turn_ms', 'End of turn'],
  ['llm_ms', 'Model'],
  ['tts_ms', 'Voice'],
  ['other_ms', 'Rest'],
] as const;
const ORDERS = {
  slow: 'slowest',
  errors: 'most failures',
  interrupted: 'most interrupted',
  quality: 'worst quality',
};
const DAY_MS = 86_400_000;
/** The list of calls reaches no further. */
const MOST_DAYS = 31;

/** How calls were. */
export function VoiceRoom() {
  const { from, to, step, zone } = useRange();
  const asked = { from, to, step, zone };
  const answer = useAnswer((board, signal) => board.voice(asked, signal), JSON.stringify(asked));
  const [look, setLook] = useState<{ from: string; to: string; name: string } | null>(null);
  return (
    <BoardRoom title="Voice" answer={answer} aside={<RangePicker />}>
      {(figures) => {
        const places = figures.steps.map((at) => stepWords(at, step));
        const behind = {
          label: 'Calls',
          do: (index: number) =>
            setLook({
              from: figures.steps[index] ?? from,
              to: figures.steps[index + 1] ?? to,
              name: places[index] ?? '',
            }),
        };
        return (
          <>
            <Waits figures={figures} places={places} onStep={behind} />
            <Conversation figures={figures} places={places} onStep={behind} />
            <Failures figures={figures} />
            <Versions figures={figures} />
            <Calls range={look ?? lastDays(asked)} />
          </>
        );
      }}
    </BoardRoom>
  );
}

const lastDays = ({ from, to }: Range) => ({
  from: new Date(Math.max(Date.parse(from), Date.parse(to) - MOST_DAYS * DAY_MS)).toISOString(),
  to,
  name: 'the range',
});

type PartProps = {
  figures: VoiceFigures;
  places: string[];
  onStep: { label: string; do: (index: number) => void };
};

function Waits({ figures: { all, by_step, steps }, places, onStep }: PartProps) {
  const byStep = new Map(by_step.map((row) => [row.step, row.waits]));
  const values = (of: 'p50' | 'p95', part: keyof Wait) =>
    steps.map((place) => byStep.get(place)?.[of]?.[part] ?? null);
  const rows = (['p50', 'p95', 'p99'] as const).flatMap((name) => {
    const wait = all.waits[name];
    return wait === undefined ? [] : [{ name, wait }];
  });
  return (
    <Panel title="How long people wait for an answer" wide>
      <Table
        label="Percentiles and their parts"
        empty="No turn was measured."
        head={['', 'Whole', ...PARTS.map(([, name]) => name)]}
        rows={rows.map(({ name, wait }) => ({
          key: name,
          cells: [
            name,
            <strong key="whole">{milliseconds(wait.whole_ms)}</strong>,
            ...PARTS.map(([part]) => milliseconds(wait[part])),
          ],
        }))}
      />
      <Figure
        title="95th percentile, by its parts"
        steps={places}
        format={milliseconds}
        series={PARTS.map(([part, name]) => ({ name, as: 'bar' as const, values: values('p95', part) }))}
        onStep={onStep}
        note="Within 15 %. The parts are those of the same turns, so they add up to the whole."
      />
      <Figure
        title="Median, by its parts"
        steps={places}
        format={milliseconds}
        series={PARTS.map(([part, name]) => ({ name, as: 'bar' as const, values: values('p50', part) }))}
        onStep={onStep}
      />
    </Panel>
  );
}

function Conversation({ figures: { all, by_step, steps }, places, onStep }: PartProps) {
  const byStep = new Map(by_step.map((row) => [row.step, row]));
  const values = (of: (row: (typeof by_step)[number]) => number) =>
    steps.map((place) => {
      const row = byStep.get(place);
      return row === undefined || row.turns === 0 ? null : (100 * of(row)) / row.turns;
    });
  return (
    <Panel title="How the talk goes" wide>
      <dl className="tiles">
        <Tile name="Calls" value={count(all.calls)} small={`${count(all.turns)} turns`} />
        <Tile
          name="Talked over"
          value={share(all.interruptions, all.turns)}
          small="answers cut short, of all turns"
        />
        <Tile
          name="Cut by mistake"
          value={share(all.false_interruptions, all.turns)}
          small="a sound that was no word"
        />
        <Tile
          name="Dead air"
          value={share(all.unanswered_turns, all.turns)}
          small="turns without an answer"
        />
        <Tile name="Failures" value={count(all.errors)} small="of providers, that no retry mended" />
        <Tile name="Quality" value={all.quality === null ? '–' : `${all.quality} of 100`} />
      </dl>
      <Figure
        title="Of 100 turns"
        steps={places}
        format={(value) => value.toFixed(1)}
        series={[
          { name: 'Talked over', values: values((row) => row.interruptions) },
          { name: 'Dead air', values: values((row) => row.unanswered_turns) },
          { name: 'Failures', values: values((row) => row.errors) },
        ]}
        onStep={onStep}
      />
    </Panel>
  );
}

function Failures({ figures: { failures, unpriced_models } }: { figures: VoiceFigures }) {
  return (
    <Panel title="Failures by provider">
      <Table
        label="Failures by provider"
        empty="None."
        head={['What, and whose', 'Failures']}
        rows={failures.map(({ source, failures: many }) => ({ key: source, cells: [source, count(many)] }))}
      />
      {unpriced_models.length > 0 && (
        <p className="faint">Without a price: {unpriced_models.join(', ')}. Set PROVIDER_PRICES.</p>
      )}
    </Panel>
  );
}

function Versions({ figures: { by_version } }: { figures: VoiceFigures }) {
  return (
    <Panel title="By version of the agent">
      <Table
        label="By version of the agent"
        empty="No call."
        head={['Version', 'Calls', 'p50', 'p95', 'Talked over', 'Quality']}
        rows={by_version.map((row) => ({
          key: row.version,
          cells: [
            row.version || 'not told',
            count(row.calls),
            row.waits.p50 ? milliseconds(row.waits.p50.whole_ms) : '–',
            row.waits.p95 ? milliseconds(row.waits.p95.whole_ms) : '–',
            share(row.interruptions, row.turns),
            row.quality ?? '–',
          ],
        }))}
      />
    </Panel>
  );
}

/** The calls behind a figure. */
function Calls({ range }: { range: { from: string; to: string; name: string } }) {
  const [order, setOrder] = useState<keyof typeof ORDERS>('slow');
  const asked = { from: range.from, to: range.to, order };
  const { data, error } = useAnswer(
    (board, signal) => board.calls(asked, signal),
    JSON.stringify(asked),
    600_000,
  );
  return (
    <Panel title={`The calls of ${range.name}`} wide>
      <label className="basis">
        First those with the
        <select value={order} onChange={({ target }) => setOrder(target.value as keyof typeof ORDERS)}>
          {Object.entries(ORDERS).map(([key, name]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {error !== null && data === null ? (
        <p className="faint">They could not be loaded: choose fewer days.</p>
      ) : null}
      <Table
        label="Calls"
        empty={data === null ? 'One moment …' : 'No call.'}
        head={[
          'Began',
          'Person',
          'Time',
          'Turns',
          'p50',
          'p95',
          'Interrupted',
          'Failures',
          'Quality',
          'Ended',
        ]}
        rows={(data?.calls ?? []).map((call) => ({
          key: call.call_id,
          cells: [
            moment(call.opened_at),
            <Link key="who" href={`/operator/people/${call.user_id}`}>
              {call.user_id.slice(0, 8)}
            </Link>,
            hours(call.charged_seconds),
            call.turns ?? '–',
            call.latency_p50_ms === null ? '–' : milliseconds(call.latency_p50_ms),
            call.latency_p95_ms === null ? '–' : milliseconds(call.latency_p95_ms),
            call.interruptions ?? '–',
            call.errors ?? '–',
            call.quality ?? '–',
            call.end_reason ?? '–',
          ],
        }))}
      />
    </Panel>
  );
}
