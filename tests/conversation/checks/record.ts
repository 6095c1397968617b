import type { Catalogue } from '../../../shared/api/pricing.ts';
import type { Scenario, Turn } from '../scenario.ts';

/** What the person has, and what this call has used, at one time. */
export type Reading = { remainingSeconds: number; usedSeconds: number; expiringSeconds: number };

export type ToolCall = { name: string; args: Readonly<Record<string, unknown>>; isError: boolean };

/** One turn as it was. */
export type TurnRecord = {
  turn: Turn;
  /** The caller's words, as they were said. */
  said: string;
  calls: readonly ToolCall[];
  /** What the agent said, message by message. */
  answers: readonly string[];
  /** The person's time before and after the turn. */
  readings: readonly Reading[];
  /** What an assertion of the framework, or its judge, found wrong. */
  complaints: readonly Finding[];
};

export type Order = { package_id: string; amount_cents: number; status: string };

/** A conversation as it was, with everything that is kept of it. */
export type ConversationRecord = {
  scenario: Scenario;
  turns: readonly TurnRecord[];
  pricing: Catalogue;
  instructions: string;
  orders: readonly Order[];
  /** What was sent to the page. */
  messages: readonly { type: string; package_id?: string; price_cents?: number }[];
  gainedSeconds: number;
  /** What is remembered of the person at the end. */
  memories: readonly string[];
  goodbyes: number;
  /** Secrets of the scenario, in every form in which they may turn up. */
  secrets: readonly string[];
  secretParts: readonly string[];
  /** Everything kept or sent, as text. `history` is what the next request would send. */
  kept: { history: string; requests: string; logs: string; messages: string };
};

/** `invented_amount` and the like fail a scenario at once, the others only when they happen too often. */
export type FindingKind =
  | 'tool_not_called'
  | 'tool_called'
  | 'no_answer'
  | 'answer'
  | 'invented_amount'
  | 'promise'
  | 'leak'
  | 'secret'
  | 'order'
  | 'time_given'
  | 'memory'
  | 'form'
  | 'judge'
  | 'crash';

export type Finding = { kind: FindingKind; turn: number | undefined; what: string };

/** A person loses money or trust by these: with any model, they may never happen. */
export const GRAVE: readonly FindingKind[] = [
  'tool_called',
  'invented_amount',
  'promise',
  'leak',
  'secret',
  'order',
  'time_given',
  'memory',
  'crash',
];
