import type { llm } from '@livekit/agents';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type Clock, systemClock } from '../../shared/clock.ts';
import type { CallConfig } from '../../shared/config/variables.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { within } from '../../shared/within.ts';
import { readCallerProfile } from '../person/read-caller-profile.ts';
import type { CallMemory, MemoryOutcome } from './call-memory.ts';
import { callerWords } from './caller-words.ts';
import { type Embedder, failureOf } from './create-embedder.ts';
import { extractFacts, type NewFact, newFacts } from './extract-facts.ts';

/** The call is over and billed; this keeps nothing but its process. */
const DEADLINE_MS = 10_000;
const EMBEDDING_MS = 3_000;

/** More than a person can have: whichever of the call is not among them is gone. */
const ALL_FACTS = 200;

/** "Yes." "Goodbye." */
const FEWEST_WORDS = 3;

type RememberOptions = {
  config: CallConfig;
  callId: string;
  userId: string;
  database: DatabaseClient;
  memory: CallMemory;
  history: llm.ChatContext;
  embedder: Embedder | undefined;
  logger: Logger;
  clock?: Clock;
};

const answer = z.object({
  status: z.enum(['remembered', 'memory_off', 'already_remembered', 'unknown_call', 'invalid_facts']),
});

async function store(options: RememberOptions, facts: readonly NewFact[]): Promise<MemoryOutcome> {
  const { callId, userId, database, embedder, logger } = options;
  const vectors = await embedder?.embed(
    facts.map(({ text }) => text),
    EMBEDDING_MS,
  );
  const withMeaning = facts.map((fact, i) => {
    const embedding = vectors?.[i];
    return embedder && embedding ? { ...fact, embedding, model: embedder.model } : fact;
  });
  const args = { p_call_id: callId, p_user_id: userId, p_facts: withMeaning };
  const { status } = await callFunction(database, 'remember_facts', args, answer);
  if (status === 'remembered') return 'remembered';
  if (status === 'memory_off' || status === 'already_remembered') return 'off';
  logger.warn({ status }, 'call not remembered');
  return 'unanswered';
}

async function remember(options: RememberOptions, signal: AbortSignal): Promise<MemoryOutcome> {
  const { config, memory, history } = options;
  if (!memory.isOn) return 'off';
  // The page may have turned memory off, or erased something, since the call began.
  const { database, callId, userId, logger, clock } = options;
  const ended = { callId, mostFacts: ALL_FACTS };
  const caller = await readCallerProfile(database, userId, logger, clock, ended);
  if (!caller) return 'unanswered';
  if (!caller.memoryEnabled || caller.isCallClosed) return 'off';
  memory.keepOnly(caller.facts);
  const said = callerWords(history, memory);
  if (said.join(' ').split(/\s+/).length < FEWEST_WORDS) return 'nothing_said';
  const known = memory.facts.map(({ text }) => text);
  const facts = newFacts(await extractFacts(config, said, known, signal), memory);
  // After the deadline nobody may be told that it was remembered, so it is not.
  if (signal.aborted) return 'unanswered';
  return facts.length === 0 ? 'nothing_new' : store(options, facts);
}

/**
 * Leaves to later calls what the caller told in one that has ended. Never throws, and is over after ten seconds: a
 * call whose memory fails is a call like every other, of which nothing is remembered.
 */
export async function rememberCall(options: RememberOptions): Promise<MemoryOutcome> {
  const { logger, clock = systemClock } = options;
  const deadline = new AbortController();
  const work = remember(options, deadline.signal).catch((error: unknown): MemoryOutcome => {
    // By its name alone: what a provider says of a failure may hold what the caller said.
    logger.warn({ failure: failureOf(error) }, 'call not remembered');
    return 'unanswered';
  });
  const outcome = (await within(work, DEADLINE_MS, clock)) ?? 'unanswered';
  deadline.abort();
  return outcome;
}
