import type { CallMessage } from '../../shared/api/calls.ts';
import type { Catalogue } from '../../shared/api/pricing.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import type { Locale } from '../../shared/spoken/locales.ts';
import type { Dictation } from '../codes/dictation.ts';
import type { ToolUses } from '../measures/tool-uses.ts';
import type { CallMemory } from '../memory/call-memory.ts';
import type { Embedder } from '../memory/create-embedder.ts';
import type { Sentences } from '../sentences/sentences.ts';

/** What the tools read of the live meter. */
export type MeterReading = {
  /** Milliseconds that are charged for so far. */
  chargedMs(): number;
  remainingSeconds(): number;
  /** `freeSeconds` is what no call holds. */
  readonly grant: { freeSeconds: number };
  /** What is left of the time that expires within a week. */
  expiringSeconds(): number;
  /** Brings the reading up to date with the database. Never throws. */
  renew(): Promise<void>;
};

/** What a tool knows of the call it works for. The person is fixed by the server, never by the model. */
export type CallContext = {
  callId: string;
  userId: string;
  /** Who pays, where it is not the person: what is bought or activated is for it. */
  tenantId?: string | undefined;
  database: DatabaseClient;
  /** Tells the caller's page something. Never throws. */
  line: { send(message: CallMessage): void };
  /** In whose language tools speak. */
  locale: Locale;
  /** What belongs to no tool, in the caller's language. */
  sentences: Sentences;
  /**
   * The catalogue as it was when the call began, so that quoting a price waits for nothing.
   * @throws Fault `database_unavailable`, and asks again the next time
   */
  pricing(): Promise<Catalogue>;
  /** The code that the caller dictates. */
  dictation: Dictation;
  /** Undefined where the agent takes no activation codes. */
  activationCodeKey: string | undefined;
  /** What is known of the caller, and what of this call may be remembered. */
  memory: CallMemory;
  /** Undefined where memories are searched for by words. */
  embedder: Embedder | undefined;
  /** Counts what is used, for the bill. */
  toolUses: ToolUses;
  startedAt: Date;
  /** Undefined until the call is open. */
  meter(): MeterReading | undefined;
  /** Ends the call with a farewell, which nothing can call off. */
  sayGoodbye(): void;
};
