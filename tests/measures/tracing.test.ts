import { randomUUID } from 'node:crypto';
import { initializeLogger, telemetry } from '@livekit/agents';
import { context, diag, propagation, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startTracing } from '../../agent/measures/tracing/start-tracing.ts';
import { createLogger } from '../../shared/logging.ts';
import { startLanguageModel } from '../agent/language-model-server.ts';
import { createTextCall } from '../agent/start-text-call.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { signUpWith } from '../time/people.ts';
import { startOtlpReceiver } from './otlp-receiver.ts';

initializeLogger({ pretty: false, level: 'error' });

/** What the caller says, what a tool answers, what the agent says and is told to be. */
const WORDS = /wolpertinger|starter|enterprise|prices|minutes|mindbot, |you are/i;

let db: TestDatabase;
let model: Awaited<ReturnType<typeof startLanguageModel>>;
let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;

beforeAll(async () => {
  [db, model, receiver] = await Promise.all([
    createTestDatabase(),
    startLanguageModel('key'),
    startOtlpReceiver(),
  ]);
});
afterAll(async () => {
  receiver.close();
  await model.close();
  await db.close();
});
beforeEach(() => {
  receiver.forget();
});

// A job's process has one provider; here each test has its own.
afterEach(() => {
  for (const api of [trace, context, propagation, diag]) api.disable();
});

/** A call in which something is said, looked up and answered. */
async function talk(callId: string): Promise<void> {
  const userId = await signUpWith(db, 600);
  const { ask, begin, line } = await createTextCall(db, model, { userId, callId });
  const { ended } = await begin();
  await ask('My name is Wolpertinger.');
  await ask('What are your prices?');
  line.become('left');
  await ended;
}

it('sends spans of turns, models and tools, and not a word of the conversation', async () => {
  const callId = randomUUID();
  const logger = createLogger('call', 'silent');
  const tracing = startTracing({
    endpoint: `${receiver.endpoint}/`,
    serviceName: 'a-service',
    callId,
    logger,
  });
  await talk(callId);
  await tracing.close();
  expect(receiver.paths()).toContain('/v1/traces');
  for (const expected of [
    'a-service',
    callId,
    'agent_turn',
    'llm_node',
    'function_tool',
    'get_pricing_packages',
    'gpt-4.1-mini',
    'gen_ai.usage.input_tokens',
    'lk.response.ttft',
  ]) {
    expect.soft(receiver.bytes(), expected).toContain(expected);
  }
  expect(receiver.bytes()).not.toMatch(WORDS);
  expect(receiver.bytes()).not.toMatch(/lk\.pii|messages|arguments|instructions/);
});

it('would send them, if nothing took them out', async () => {
  const exporter = new OTLPTraceExporter({ url: `${receiver.endpoint}/v1/traces` });
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  telemetry.setTracerProvider(provider, { registerSpanProcessor: () => {} });
  await talk(randomUUID());
  await provider.shutdown();
  expect(receiver.bytes()).toMatch(/wolpertinger/i);
  expect(receiver.bytes()).toMatch(/starter/);
  expect(receiver.bytes()).toMatch(/lk\.pii/);
});

it('does not keep a job for a receiver that is away, and says so', async () => {
  const problems: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => void problems.push(line) });
  const tracing = startTracing({ endpoint: 'http://127.0.0.1:9', serviceName: 's', callId: 'c', logger });
  telemetry.tracer.startSpan({ name: 'a_span' }).end();
  await tracing.close();
  expect(problems.join('')).toContain('traces not sent');
});
