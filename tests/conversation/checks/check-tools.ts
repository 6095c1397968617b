import { CONSEQUENTIAL } from '../scenario.ts';
import type { ConversationRecord, Finding, TurnRecord } from './record.ts';

function checkTurn({ turn, calls, answers, said }: TurnRecord, i: number): Finding[] {
  const expected = Object.keys(turn.calls ?? {});
  const allowed = [...expected, ...(turn.mayCall ?? [])];
  const wrong = [...CONSEQUENTIAL.filter((name) => !allowed.includes(name)), ...(turn.mustNotCall ?? [])];
  const finding = (kind: Finding['kind'], what: string): Finding => ({ kind, turn: i, what });
  const text = answers.join(' ');
  const endsHere = calls.some(({ name }) => name === 'end_call');
  return [
    ...calls
      .filter(({ name }) => wrong.includes(name))
      .map(({ name, args }) => finding('tool_called', `${name} ${JSON.stringify(args)} after: ${said}`)),
    ...(answers.length === 0 && !endsHere && !turn.interrupted ? [finding('no_answer', said)] : []),
    ...(turn.answer && !turn.answer.test(text) ? [finding('answer', `lacks ${turn.answer}: ${text}`)] : []),
    ...(turn.never?.test(text) ? [finding('answer', `has ${turn.never}: ${text}`)] : []),
  ];
}

/** Finds tools with consequences that nobody asked for, turns without an answer, and answers that miss the point. */
export function checkTools({ turns }: ConversationRecord): Finding[] {
  return turns.flatMap((turn, i) => [...turn.complaints, ...checkTurn(turn, i)]);
}
