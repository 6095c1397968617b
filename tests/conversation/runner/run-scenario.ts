import { type llm, voice } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import { OpenAI } from 'openai';
import { createAssistant, createDesk } from '../../../agent/assistant.ts';
import type { CallContext } from '../../../agent/tools/call-context.ts';
import { listPackages } from '../../../shared/catalogue/list-packages.ts';
import type { TestDatabase } from '../../support/database.ts';
import { checkConversation } from '../checks/check-conversation.ts';
import type { ConversationRecord, Finding, TurnRecord } from '../checks/record.ts';
import type { Scenario } from '../scenario.ts';
import { type Caller, newCaller } from './caller.ts';
import { formsOfCode, formsOfNumber } from './forms-of-secret.ts';
import { runTurn } from './run-turn.ts';

/** Where a model is: any server that speaks OpenAI's protocol. */
export type ModelAddress = { model: string; apiKey: string; baseURL: string };

export type Stage = {
  db: TestDatabase;
  address: ModelAddress;
  /** Judges answers; without one, criteria are left out. */
  judge?: llm.LLM | undefined;
  /** Another agent than the product's. */
  createAgent?: () => voice.Agent<CallContext>;
  /** What the framework has logged since the scenario began. */
  logs?: () => string;
};

/** `judged`: how many answers a judge has looked at. */
export type Played = {
  scenario: Scenario;
  record: ConversationRecord;
  findings: Finding[];
  judged: number;
};

/** A model whose requests are kept as they go out. */
function recordedModel({ model, apiKey, baseURL }: ModelAddress) {
  const requests: string[] = [];
  const recordingFetch: typeof fetch = (url, init) => {
    if (typeof init?.body === 'string') requests.push(init.body);
    return fetch(url, init);
  };
  const client = new OpenAI({ apiKey, baseURL, fetch: recordingFetch });
  return { llm: new openai.LLM({ model, client, apiKey, baseURL }), requests };
}

const closing = new Set<Promise<void>>();

/** Comes back when the last session is closed: each takes half a second, for which no scenario waits. */
export async function lastSessionClosed(): Promise<void> {
  await Promise.all(closing);
}

const usesProps = ({ turns }: Scenario) => turns.some(({ says }) => typeof says === 'function');

function secretsOf(scenario: Scenario, { props }: Caller) {
  const codes = usesProps(scenario) ? [props.code, props.slip, props.usedCode].flatMap(formsOfCode) : [];
  return {
    secrets: [...new Set([...codes, ...(scenario.secrets ?? []).flatMap(formsOfNumber)])],
    secretParts: (scenario.secretParts ?? []).flatMap(formsOfNumber),
  };
}

/** Plays a scenario with a person of its own on a session of its own, and checks what came of it. */
export async function runScenario(scenario: Scenario, stage: Stage): Promise<Played> {
  const { db, address, judge, logs } = stage;
  const caller = await newCaller(db, scenario);
  const { llm: model, requests } = recordedModel(address);
  const session = new voice.AgentSession<CallContext>({
    llm: model,
    vad: null,
    turnHandling: { turnDetection: null },
    userData: caller.context,
    connOptions: { maxUnrecoverableErrors: Number.POSITIVE_INFINITY },
  });
  const { memory } = caller.context;
  const agent = stage.createAgent?.() ?? (scenario.desk ? createDesk() : createAssistant({ memory }));
  // Before anything is forgotten in the call.
  const instructions = String(agent.instructions);
  await session.start({ agent, record: false });
  const turns: TurnRecord[] = [];
  for (const [i, turn] of scenario.turns.entries()) {
    const before = caller.reading();
    const said = typeof turn.says === 'string' ? turn.says : turn.says(caller.props);
    const played = await runTurn(session, { turn, i, said, judge });
    turns.push({ ...played, readings: [before, caller.reading()] });
    if (caller.goodbyes() > 0) break;
  }
  const record: ConversationRecord = {
    scenario,
    turns,
    pricing: await listPackages(db.service),
    instructions,
    orders: await caller.orders(),
    messages: caller.line.messages,
    gainedSeconds: await caller.gainedSeconds(),
    memories: await caller.memories(),
    goodbyes: caller.goodbyes(),
    ...secretsOf(scenario, caller),
    kept: {
      history: JSON.stringify(session.history.items),
      requests: requests.join('\n'),
      logs: logs?.() ?? '',
      messages: JSON.stringify(caller.line.messages),
    },
  };
  const closed = session.close().finally(() => closing.delete(closed));
  closing.add(closed);
  const judged = judge ? turns.filter(({ turn }) => turn.judge !== undefined).length : 0;
  return { scenario, record, findings: checkConversation(record), judged };
}
