import { setTimeout as sleep } from 'node:timers/promises';
import { type llm, voice } from '@livekit/agents';
import type { CallContext } from '../../../agent/tools/call-context.ts';
import { patience } from '../../support/patience.ts';
import type { Finding, FindingKind, ToolCall, TurnRecord } from '../checks/record.ts';
import type { Turn } from '../scenario.ts';

type Session = voice.AgentSession<CallContext>;
type Result = ReturnType<Session['run']>;

/** No model that people talk to takes as long. */
const TURN_MS = 60_000;
/** How long a tool that speaks for itself may take to be heard. */
const SPEECH_MS = 3_000;

const { isFunctionCallEvent, isFunctionCallOutputEvent } = voice.testing;

function callsIn({ events }: Result): ToolCall[] {
  const failed = new Set(
    events.flatMap((event) =>
      isFunctionCallOutputEvent(event) && event.item.isError ? [event.item.callId] : [],
    ),
  );
  return events.filter(isFunctionCallEvent).map(({ item }) => ({
    name: item.name,
    args: JSON.parse(item.args || '{}') as ToolCall['args'],
    isError: failed.has(item.callId),
  }));
}

/** Interrupts the agent once, as a caller who speaks would. */
function interruptWhen(session: Session, moment: Turn['interrupted']): () => void {
  const { line } = session.userData;
  const interrupt = () => void session.interrupt({ force: true });
  if (moment === 'acting') {
    const send = line.send;
    line.send = (message) => {
      send.call(line, message);
      interrupt();
    };
    return () => {
      line.send = send;
    };
  }
  const listener = ({ newState }: voice.AgentStateChangedEvent) => {
    if (newState === 'speaking') interrupt();
  };
  if (moment === 'speaking') session.on(voice.AgentSessionEventTypes.AgentStateChanged, listener);
  return () => void session.off(voice.AgentSessionEventTypes.AgentStateChanged, listener);
}

async function waitFor(look: () => boolean, deadlineMs: number): Promise<void> {
  for (const endMs = performance.now() + patience(deadlineMs); performance.now() < endMs && !look(); )
    await sleep(5);
}

/** A turn that is about to be played: the words in it are said already. */
type PlannedTurn = { turn: Turn; i: number; said: string; judge: llm.LLM | undefined };

/** What the framework's own assertions, and its judge, say about a turn. */
async function complain(result: Result, { turn, i, said, judge }: PlannedTurn): Promise<Finding[]> {
  const complaints: Finding[] = [];
  const attempt = async (kind: FindingKind, assertion: () => unknown) => {
    try {
      await assertion();
    } catch (error) {
      complaints.push({ kind, turn: i, what: String(error).split('\nContext')[0] ?? '' });
    }
  };
  for (const [name, args] of Object.entries(turn.calls ?? {})) {
    await attempt('tool_not_called', () => result.expect.containsFunctionCall({ name, args: { ...args } }));
  }
  if (judge && turn.judge) {
    // The judge sees one message, and would not know what it answers.
    const intent = `${turn.judge} It answers a caller who said: "${said}"`;
    await attempt('judge', () =>
      result.expect.at(-1).isMessage({ role: 'assistant' }).judge(judge, { intent }),
    );
  }
  return complaints;
}

/** Says something to the agent, and answers what became of it. */
export async function runTurn(session: Session, planned: PlannedTurn): Promise<Omit<TurnRecord, 'readings'>> {
  const { turn, i, said } = planned;
  const known = new Set(session.history.items.map(({ id }) => id));
  const messages = () =>
    session.history.items.flatMap((item) =>
      !known.has(item.id) && item.type === 'message' && item.role === 'assistant' ? [item] : [],
    );
  const answers = () => messages().map(({ textContent }) => textContent ?? '');
  const goOn = interruptWhen(session, turn.interrupted);
  try {
    const result = session.run({ userInput: said });
    const isDone = await Promise.race([result.wait(), sleep(TURN_MS, false, { ref: false })]);
    if (isDone === false) throw new Error(`no end of the turn within ${TURN_MS} ms`);
    const calls = callsIn(result);
    const isOver = calls.some(({ name }) => name === 'end_call');
    if (!turn.interrupted && !isOver) await waitFor(() => answers().length > 0, SPEECH_MS);
    await waitFor(() => session.agentState === 'listening' || session.agentState === 'idle', SPEECH_MS);
    const complaints = await complain(result, planned);
    // A scenario about an interruption that never came would prove nothing.
    if (turn.interrupted && turn.calls && messages().some(({ interrupted }) => !interrupted)) {
      complaints.push({ kind: 'crash', turn: i, what: 'the agent was not interrupted' });
    }
    return { turn, said, calls, answers: answers(), complaints };
  } catch (error) {
    const crash: Finding = { kind: 'crash', turn: i, what: String(error) };
    return { turn, said, calls: [], answers: answers(), complaints: [crash] };
  } finally {
    goOn();
  }
}
