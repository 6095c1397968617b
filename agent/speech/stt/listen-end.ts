/**
 * Why a connection ended, and since when nothing was heard, on the clock given: `refused` by a server that is there
 * and does not want to, `unreachable`, `dropped` after it was open, or `hung`: something did not come in time.
 */
export type ListenEnd = {
  reason: 'refused' | 'unreachable' | 'dropped' | 'hung';
  sinceMs: number;
  /** HTTP status or close code. */
  code?: number;
};

/** Statuses after which the same request may succeed. */
const PASSING_STATUSES = new Set([408, 425, 429]);

/** Whether a server that answers so will answer so again: the key or the configuration is wrong, or the credit gone. */
export const isRefusal = (status: number): boolean =>
  status >= 400 && status < 500 && !PASSING_STATUSES.has(status);

/** What an operator needs to know; never the key, nor the address with all its parameters. */
export const refusal = (host: string, { code }: ListenEnd): string =>
  `speech recognition at ${host} refused with status ${code}: its key, credit, model or language is not accepted`;
