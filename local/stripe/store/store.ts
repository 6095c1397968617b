import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { Kind, PrivateParts, StoredObject, StoredObjects } from './kinds.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    body TEXT NOT NULL,
    private TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, seq);
  CREATE INDEX IF NOT EXISTS objects_by_customer ON objects (kind, json_extract(body, '$.customer'), seq);
  CREATE INDEX IF NOT EXISTS objects_by_intent ON objects (kind, json_extract(body, '$.payment_intent'), seq);
  CREATE INDEX IF NOT EXISTS objects_by_type ON objects (kind, json_extract(body, '$.type'), seq);

  CREATE TABLE IF NOT EXISTS idempotency_keys (
    key TEXT PRIMARY KEY,
    endpoint TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    request_id TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (event_id, state);
  CREATE INDEX IF NOT EXISTS deliveries_pending ON deliveries (state) WHERE state = 'pending';

  CREATE TABLE IF NOT EXISTS meter_events (
    id INTEGER PRIMARY KEY,
    identifier TEXT NOT NULL,
    event_name TEXT NOT NULL,
    customer TEXT NOT NULL,
    -- The value's digits before the point, and those after it in millionths of millionths.
    whole INTEGER NOT NULL,
    fraction INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    received INTEGER NOT NULL,
    canceled INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX IF NOT EXISTS meter_events_by_identifier ON meter_events (identifier, received);
  CREATE INDEX IF NOT EXISTS meter_events_by_customer ON meter_events (event_name, customer, timestamp);

  CREATE TABLE IF NOT EXISTS meter_errors (
    id INTEGER PRIMARY KEY,
    -- Empty where there is no meter.
    meter TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    identifier TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS meter_event_sessions (token TEXT PRIMARY KEY, expires INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS thin_events (id TEXT PRIMARY KEY, created INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS thin_endpoints (id TEXT PRIMARY KEY, url TEXT NOT NULL, secret TEXT NOT NULL) STRICT;

  CREATE TABLE IF NOT EXISTS account_links (
    token TEXT PRIMARY KEY, account TEXT NOT NULL, expires INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0,
    return_url TEXT NOT NULL, refresh_url TEXT NOT NULL
  ) STRICT;
  -- What moved on the balances of sellers; that of the platform is its balance transactions.
  CREATE TABLE IF NOT EXISTS account_moves (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL, source TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS account_moves_of_account ON account_moves (account, currency);
  CREATE INDEX IF NOT EXISTS objects_by_source ON objects (kind, json_extract(body, '$.source_transaction'), seq);

  CREATE TABLE IF NOT EXISTS tasks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    object_id TEXT NOT NULL,
    due_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS tasks_by_due ON tasks (due_ms, id);
`;

/**
 * Opens (and creates) the one file the stand-in keeps everything in.
 * An answered request must survive a power cut, as it would at Stripe: hence synchronous FULL.
 * @param file a path, or ':memory:'.
 */
export function openDatabase(file: string): DatabaseSync {
  if (file !== ':memory:') mkdirSync(dirname(resolve(file)), { recursive: true });
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;');
  database.exec(SCHEMA);
  return database;
}

/** Objects of version 2 of the API say their time in words. */
function createdSeconds(created: number | string): number {
  return typeof created === 'number' ? created : Math.floor(Date.parse(created) / 1000);
}

/** A piece of a WHERE clause. `sql` is always a constant of the code; what a client sent goes into `values`. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

interface PageRequest {
  readonly limit: number;
  /** Only objects older than this sequence number. */
  readonly olderThan?: number;
  /** Only the objects next newer than this sequence number. */
  readonly newerThan?: number;
}

/** All objects of the account, in the order in which they were made. Not safe to share between processes. */
export class Store {
  readonly database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  /** Runs `work` in one transaction; what it throws rolls everything back and is thrown on. */
  transaction<Result>(work: () => Result): Result {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      this.database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Inside of a transaction: what it throws rolls back what `work` did, and nothing else, and is thrown on. */
  attempt<Result>(work: () => Result): Result {
    this.database.exec('SAVEPOINT attempt');
    try {
      return work();
    } catch (error) {
      this.database.exec('ROLLBACK TO attempt');
      throw error;
    } finally {
      this.database.exec('RELEASE attempt');
    }
  }

  insert<Stored extends StoredObject>(
    object: Stored,
    privatePart?: PrivateParts[keyof PrivateParts],
  ): Stored {
    this.database
      .prepare('INSERT INTO objects (id, kind, created, body, private) VALUES (?, ?, ?, ?, ?)')
      .run(
        object.id,
        object.object,
        createdSeconds('created' in object ? object.created : object.date),
        JSON.stringify(object),
        privatePart === undefined ? null : JSON.stringify(privatePart),
      );
    return object;
  }

  /** Replaces an object by a later state of it, or by what is left of it when it was deleted. */
  replace<Body extends { id: string }>(body: Body): Body {
    this.database.prepare('UPDATE objects SET body = ? WHERE id = ?').run(JSON.stringify(body), body.id);
    return body;
  }

  remove(id: string): void {
    this.database.prepare('DELETE FROM objects WHERE id = ?').run(id);
  }

  find<K extends Kind>(kind: K, id: string): StoredObjects[K] | undefined {
    const row = this.database.prepare('SELECT body FROM objects WHERE id = ? AND kind = ?').get(id, kind);
    return row === undefined ? undefined : (JSON.parse(String(row.body)) as StoredObjects[K]);
  }

  /** Any object by its id alone: ids carry their kind, so they never clash. */
  findAny(id: string): StoredObject | undefined {
    const row = this.database.prepare('SELECT body FROM objects WHERE id = ?').get(id);
    return row === undefined ? undefined : (JSON.parse(String(row.body)) as StoredObject);
  }

  privatePart<K extends keyof PrivateParts>(kind: K, id: string): PrivateParts[K] | undefined {
    const row = this.database.prepare('SELECT private FROM objects WHERE id = ? AND kind = ?').get(id, kind);
    if (row === undefined || row.private === null) return undefined;
    return JSON.parse(String(row.private)) as PrivateParts[K];
  }

  setPrivatePart<K extends keyof PrivateParts>(kind: K, id: string, part: PrivateParts[K]): void {
    this.database
      .prepare('UPDATE objects SET private = ? WHERE id = ? AND kind = ?')
      .run(JSON.stringify(part), id, kind);
  }

  sequenceOf(kind: Kind, id: string): number | undefined {
    const row = this.database.prepare('SELECT seq FROM objects WHERE id = ? AND kind = ?').get(id, kind);
    return row === undefined ? undefined : Number(row.seq);
  }

  /** Newest first. `created` counts whole seconds, so the order of insertion decides. */
  page<K extends Kind>(
    kind: K,
    conditions: readonly Condition[],
    request: PageRequest,
  ): { data: StoredObjects[K][]; hasMore: boolean } {
    const backwards = request.newerThan !== undefined;
    const cursor: Condition[] = backwards
      ? [{ sql: 'seq > ?', values: [request.newerThan ?? 0] }]
      : request.olderThan !== undefined
        ? [{ sql: 'seq < ?', values: [request.olderThan] }]
        : [];
    const all = [{ sql: 'kind = ?', values: [kind] }, ...conditions, ...cursor];
    const rows = this.database
      .prepare(
        `SELECT body FROM objects WHERE ${all.map(({ sql }) => `(${sql})`).join(' AND ')}
         ORDER BY seq ${backwards ? 'ASC' : 'DESC'} LIMIT ?`,
      )
      .all(...all.flatMap(({ values }) => values), request.limit + 1);
    const data = rows.slice(0, request.limit).map((row) => JSON.parse(String(row.body)) as StoredObjects[K]);
    return { data: backwards ? data.reverse() : data, hasMore: rows.length > request.limit };
  }
}
