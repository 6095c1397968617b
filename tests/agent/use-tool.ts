import { randomUUID } from 'node:crypto';
import { llm } from '@livekit/agents';
import { Dictation } from '../../agent/codes/dictation.ts';
import { ToolUses } from '../../agent/measures/tool-uses.ts';
import { CallMemory } from '../../agent/memory/call-memory.ts';
import { UNKNOWN_CALLER } from '../../agent/person/caller-profile.ts';
import { sentencesFor } from '../../agent/sentences/sentences-for.ts';
import type { CallContext } from '../../agent/tools/call-context.ts';
import type { Tool } from '../../agent/tools/define-tool.ts';
import type { Catalogue } from '../../shared/api/pricing.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { Fault } from '../../shared/errors.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { FakeLine } from './fake-call.ts';

/** Two packages as a catalogue may have them. */
export const PRICING: Catalogue = {
  currency: 'usd',
  packages: [
    { id: 'basic', name: 'Basic', total_minutes: 330, price_cents: 4499, currency: 'usd' },
    { id: 'starter', name: 'Starter', total_minutes: 60, price_cents: 999, currency: 'usd' },
  ] as Catalogue['packages'],
};

/** A call of 12:34 minutes so far, with 47:26 left. Its database is away unless another one is given. */
export const callContext = (more: Partial<CallContext> = {}): CallContext => ({
  callId: randomUUID(),
  userId: randomUUID(),
  database: createDatabaseClient('http://127.0.0.1:9', TEST_KEYS.secretKey),
  line: new FakeLine('present'),
  locale: 'en-US',
  sentences: sentencesFor('en-US'),
  pricing: () => Promise.reject(new Fault('database_unavailable')),
  dictation: new Dictation(),
  activationCodeKey: undefined,
  memory: new CallMemory(UNKNOWN_CALLER),
  embedder: undefined,
  toolUses: new ToolUses(),
  startedAt: new Date('2026-11-20T10:00:00Z'),
  meter: () => ({
    chargedMs: () => 754_900,
    remainingSeconds: () => 2846,
    expiringSeconds: () => 0,
    grant: { freeSeconds: 2816 },
    async renew() {},
  }),
  sayGoodbye() {},
  ...more,
});

/**
 * Runs a tool as the framework does when the model calls it.
 * @param args as the model gives them
 */
export function useTool(
  { forModel }: Tool,
  args: Record<string, unknown>,
  call: CallContext,
  history = llm.ChatContext.empty(),
): Promise<{ speech: string } & Record<string, unknown>> {
  const ctx = { userData: call, session: { history } };
  return forModel.execute(args, { ctx, toolCallId: '1' } as never) as never;
}
