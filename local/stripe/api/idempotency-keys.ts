import { createHmac } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { invalidParameter, type Reply, StripeRefusal } from './refusal.ts';

const MAXIMUM_LENGTH = 255;
const LIFETIME_MS = 24 * 60 * 60 * 1000;

interface IdempotentRequest {
  readonly key: string;
  readonly endpoint: string;
  readonly fingerprint: string;
}

interface SavedReply extends Reply {
  readonly requestId: string;
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, inner]) => [key, canonical(inner)]);
}

function idempotencyError(status: number, message: string, code?: string): StripeRefusal {
  return new StripeRefusal(status, 'idempotency_error', message, code === undefined ? {} : { code }, true);
}

/**
 * Answers by idempotency key (https://docs.stripe.com/api/idempotent_requests): kept for 24 hours in the
 * database, while the keys of requests in flight are kept in memory only, so that a crash does not lock them.
 */
export class IdempotencyKeys {
  readonly #database: DatabaseSync;
  readonly #hmacKey: string;
  readonly #now: () => number;
  readonly #inFlight = new Set<string>();

  constructor(database: DatabaseSync, hmacKey: string, now: () => number) {
    this.#database = database;
    this.#hmacKey = hmacKey;
    this.#now = now;
    database.prepare('DELETE FROM idempotency_keys WHERE created_ms <= ?').run(now() - LIFETIME_MS);
  }

  /** A keyed hash: a plain one of a request that carries a card number could be searched for the number. */
  fingerprint(keyKind: string, params: unknown): string {
    return createHmac('sha256', this.#hmacKey)
      .update(JSON.stringify([keyKind, canonical(params)]))
      .digest('hex');
  }

  /**
   * The first answer to this key, or undefined after taking the key for the caller, who must `release` it.
   * @throws StripeRefusal 409 while another request holds the key, 400 if it was used for something else.
   */
  recallOrTake(request: IdempotentRequest): SavedReply | undefined {
    const { key } = request;
    if (key.length > MAXIMUM_LENGTH) {
      throw invalidParameter(`Idempotency keys must be at most ${MAXIMUM_LENGTH} characters.`);
    }
    if (this.#inFlight.has(key)) {
      throw idempotencyError(
        409,
        `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
        'idempotency_key_in_use',
      );
    }
    const saved = this.#recall(request);
    if (saved === undefined) this.#inFlight.add(key);
    return saved;
  }

  release(key: string): void {
    this.#inFlight.delete(key);
  }

  save(request: IdempotentRequest, requestId: string, reply: Reply): void {
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO idempotency_keys (key, endpoint, fingerprint, request_id, status, body, created_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        request.key,
        request.endpoint,
        request.fingerprint,
        requestId,
        reply.status,
        JSON.stringify(reply.body),
        this.#now(),
      );
  }

  #recall({ key, endpoint, fingerprint }: IdempotentRequest): SavedReply | undefined {
    const row = this.#database
      .prepare('SELECT * FROM idempotency_keys WHERE key = ? AND created_ms > ?')
      .get(key, this.#now() - LIFETIME_MS);
    if (row === undefined) return undefined;
    const advice = `Try using a key other than '${key}' if you meant to execute a different request.`;
    if (row.endpoint !== endpoint) {
      throw idempotencyError(
        400,
        `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${row.endpoint}' vs '${endpoint}'). ${advice}`,
      );
    }
    if (row.fingerprint !== fingerprint) {
      throw idempotencyError(
        400,
        `Keys for idempotent requests can only be used with the same parameters they were first used with. ${advice}`,
      );
    }
    return {
      requestId: String(row.request_id),
      status: Number(row.status),
      body: JSON.parse(String(row.body)) as object,
    };
  }
}
