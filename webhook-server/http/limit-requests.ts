import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { Fault } from '../../shared/errors.ts';
import { addressOf } from './address-of.ts';
import type { Person } from './verify-access-token.ts';

/** How many requests a person may send in a window of time, whatever routes they go to. */
export type RequestBudgets = { windowMs: number; reads: number; writes: number };

/** Far above what a person does by hand, far below what a script would need to be a nuisance. */
export const DEFAULT_BUDGETS: RequestBudgets = { windowMs: 60_000, reads: 300, writes: 120 };

const READING = new Set(['GET', 'HEAD']);

/**
 * Gives each person one budget for reading and one for writing, over all routes together; belongs after
 * `requirePerson`. Who pays without an account is told by their address. Reading goes on when the budget for writing is spent. It counts in this process only, so N replicas
 * allow N times as much: enough against a loop gone wild. What must hold exactly (wrong codes, live calls) is counted
 * in the database. Operators are people, too. Our own processes have no budget: they report by the thousand.
 */
export function limitRequests({ windowMs, reads, writes }: RequestBudgets): RequestHandler {
  const budget = (limit: number) =>
    rateLimit({
      windowMs,
      limit,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      keyGenerator: (request, response) =>
        (response.locals as { person?: Person }).person?.userId ?? `address:${addressOf(request)}`,
      handler: () => {
        throw new Fault('too_many_requests');
      },
    });
  const [reading, writing] = [budget(reads), budget(writes)];
  return (request, response, next) =>
    (READING.has(request.method) ? reading : writing)(request, response, next);
}
