import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import postgres from 'postgres';
import { type Changed, hintSchema } from '../../shared/api/hints.ts';
import { Fault } from '../../shared/errors.ts';

const CHANNEL = 'mindbot_hints';
/** So long the first word from the database may take. */
const ECHO_MS = 5_000;
/** How often we say something to hear whether we still hear, and who looks. */
const PULSE_MS = 30_000;
/** Who looks is forgotten after so many pulses that did not come. */
const PULSES_KNOWN = 4;

type Listener = (changed: Changed) => void;

export type Hub = {
  /**
   * Tells of each change of a person's.
   * @returns stops telling
   * @throws Fault `database_unavailable` where the database cannot tell us, as behind a pooler of transactions
   */
  subscribe(userId: string, listener: Listener): Promise<() => void>;
};

/**
 * Hears from the database what changes, over one connection for all who look, which is there while somebody does. A hint that
 * is lost, while the connection was, is made up for: whoever looks is told that anything may have changed.
 */
export function createHub(options: {
  databaseUrl: string;
  /** The database tells of nobody else, so each who looks is named to it before they are told the first time. */
  noteLookers: (userIds: string[], seconds: number) => Promise<unknown>;
  logger: Logger;
  pulseMs?: number;
}): Hub {
  const { databaseUrl, noteLookers, logger, pulseMs = PULSE_MS } = options;
  const listeners = new Map<string, Set<Listener>>();
  type Connection = { sql: postgres.Sql; heard: Promise<void>; pulse: NodeJS.Timeout };
  let connection: Connection | undefined;

  const note = (userIds: string[]) => noteLookers(userIds, Math.ceil((PULSES_KNOWN * pulseMs) / 1000));
  // What fails is said again with the next pulse.
  const noteAll = () => note([...listeners.keys()]).catch(() => undefined);

  function tellAll(): void {
    for (const ones of listeners.values()) for (const listener of ones) listener('all');
  }

  function open(): Connection {
    const sql = postgres(databaseUrl, {
      max: 1,
      // Of the connection that says the first word; the one that listens is another, and stays.
      idle_timeout: 1,
      onnotice() {},
      // No arrays are read here; a question that fails behind our back would end the process.
      fetch_types: false,
      connection: { application_name: 'mindbot-hints' },
    });
    const echo = randomUUID();
    let heardAtMs = performance.now();
    let wasOpen = false;
    const { promise: echoed, resolve } = Promise.withResolvers<void>();
    const listening = sql.listen(
      CHANNEL,
      (payload) => {
        if (payload === echo) {
          heardAtMs = performance.now();
          return resolve();
        }
        const [userId = '', what] = payload.split(' ');
        const changed = hintSchema.shape.changed.safeParse(what);
        if (changed.success) for (const listener of listeners.get(userId) ?? []) listener(changed.data);
      },
      // Now, and whenever the connection was lost and is there again: a database that was started anew knows of nobody.
      () => {
        if (wasOpen) void noteAll().then(tellAll);
        else tellAll();
        wasOpen = true;
      },
    );
    // Behind a pooler of transactions all seems well, and nothing is ever heard: so we say something and listen for it.
    const heard = listening
      .then(() => sql.notify(CHANNEL, echo))
      .then(() => Promise.race([echoed, sleep(ECHO_MS).then(() => Promise.reject(new Error('not heard')))]));
    heard.catch(() => undefined);
    const pulse = setInterval(() => {
      void noteAll();
      if (performance.now() - heardAtMs <= 2 * pulseMs) void sql.notify(CHANNEL, echo).catch(() => undefined);
      // Deaf, as after an outage that was longer than the library is patient: anew, and everybody is told.
      else if (connection === mine) {
        close(mine);
        connection = open();
      }
    }, pulseMs).unref();
    const mine = { sql, heard, pulse };
    return mine;
  }

  function close(one: Connection | undefined): void {
    clearInterval(one?.pulse);
    void one?.sql.end({ timeout: 1 }).catch(() => undefined);
    if (connection === one) connection = undefined;
  }

  return {
    async subscribe(userId, listener) {
      const ones = listeners.get(userId) ?? new Set();
      listeners.set(userId, ones.add(listener));
      const stop = () => {
        ones.delete(listener);
        if (ones.size === 0 && listeners.get(userId) === ones) listeners.delete(userId);
        if (listeners.size === 0) close(connection);
      };
      connection ??= open();
      const mine = connection;
      try {
        await Promise.all([mine.heard, note([userId])]);
        return stop;
      } catch (cause) {
        logger.warn('the database cannot tell of changes over DATABASE_URL: pages ask by themselves');
        close(mine);
        stop();
        const words = 'Changes cannot be told of here. Ask again by yourself.';
        throw new Fault('database_unavailable', words, { cause });
      }
    },
  };
}
