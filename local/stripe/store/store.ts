import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Kind, PrivateParts, StoredObject, StoredObjects } from './stored-objects.ts';

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

  insert<Stored extends StoredObject>(
    object: Stored,
    privatePart?: PrivateParts[keyof PrivateParts],
  ): Stored {
    this.database
      .prepare('INSERT INTO objects (id, kind, created, body, private) VALUES (?, ?, ?, ?, ?)')
      .run(
        object.id,
        object.object,
        object.created,
        JSON.stringify(object),
        privatePart === undefined ? null : JSON.stringify(privatePart),
      );
    return object;
  }

  update<Stored extends StoredObject>(object: Stored): Stored {
    this.database.prepare('UPDATE objects SET body = ? WHERE id = ?').run(JSON.stringify(object), object.id);
    return object;
  }

  /** Replaces an object by what is left of it when it was deleted. */
  replaceBody(id: string, body: object): void {
    this.database.prepare('UPDATE objects SET body = ? WHERE id = ?').run(JSON.stringify(body), id);
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
