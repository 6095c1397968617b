import type { DatabaseSync } from 'node:sqlite';

/** What happens without anybody asking for it, some time after its cause. */
export type TaskName =
  | 'decide_dispute'
  | 'expire_session'
  | 'finalize_invoice'
  | 'renew_subscription'
  | 'fail_refund'
  | 'open_dispute'
  | 'report_meter_errors'
  | 'retry_invoice'
  | 'settle_debit'
  | 'settle_payout'
  | 'succeed_refund';

export interface Task {
  readonly id: number;
  readonly name: TaskName;
  readonly objectId: string;
}

/** What is still to happen; kept in the database, so that it happens after a restart too. */
export class Tasks {
  readonly #database: DatabaseSync;
  readonly #planned: () => void;

  /** @param planned is called after something new was planned. */
  constructor(database: DatabaseSync, planned: () => void) {
    this.#database = database;
    this.#planned = planned;
  }

  /** @param dueMs milliseconds of the injected clock. */
  plan(name: TaskName, objectId: string, dueMs: number): void {
    this.#database
      .prepare('INSERT INTO tasks (name, object_id, due_ms) VALUES (?, ?, ?)')
      .run(name, objectId, dueMs);
    this.#planned();
  }

  nextDue(nowMs: number): Task | undefined {
    const row = this.#database
      .prepare('SELECT id, name, object_id FROM tasks WHERE due_ms <= ? ORDER BY due_ms, id LIMIT 1')
      .get(nowMs);
    if (row === undefined) return undefined;
    return { id: Number(row.id), name: row.name as TaskName, objectId: String(row.object_id) };
  }

  done(id: number): void {
    this.#database.prepare('DELETE FROM tasks WHERE id = ?').run(id);
  }

  /** Milliseconds of the injected clock, or undefined when nothing is planned. */
  earliestDueMs(): number | undefined {
    const row = this.#database.prepare('SELECT min(due_ms) AS due FROM tasks').get();
    return row === undefined || row.due === null ? undefined : Number(row.due);
  }
}

/** The injected clock may be moved by a test: what is far away by it is looked at again after this long. */
const LONGEST_WAIT_MS = 1_000;

interface TimerOptions {
  readonly now: () => number;
  readonly earliestDueMs: () => number | undefined;
  readonly runDue: () => void;
}

/** Wakes up for what is planned, and sleeps while nothing is. */
export class TaskTimer {
  readonly #options: TimerOptions;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: TimerOptions) {
    this.#options = options;
  }

  /** To be called whenever something was planned. */
  arm(): void {
    const earliest = this.#closed ? undefined : this.#options.earliestDueMs();
    clearTimeout(this.#timer);
    if (earliest === undefined) return;
    const waitMs = Math.min(Math.max(earliest - this.#options.now(), 0), LONGEST_WAIT_MS);
    this.#timer = setTimeout(() => {
      this.#options.runDue();
      this.arm();
    }, waitMs);
    this.#timer.unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
