import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

const storedSchema = z.object({
  id: z.int(),
  message_id: z.string(),
  from: z.string(),
  /** Who it was handed in for (the envelope), separated by commas. */
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  received_at: z.string(),
  /** How often it came: a repeat has the same Message-ID and is not kept twice. */
  deliveries: z.int(),
});

export type StoredMessage = z.infer<typeof storedSchema>;
export type NewMessage = Omit<StoredMessage, 'id' | 'received_at' | 'deliveries'>;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL UNIQUE,
    "from" TEXT NOT NULL,
    "to" TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    html TEXT NOT NULL,
    received_at TEXT NOT NULL,
    deliveries INTEGER NOT NULL DEFAULT 1
  ) STRICT;
`;
/** What a page shows, and more than a developer looks back. */
const LISTED = 200;

export type MessageStore = ReturnType<typeof openStore>;

/**
 * The messages of one machine, in one SQLite file.
 * @param file a path, or ':memory:'
 * @param now milliseconds since 1970
 */
export function openStore(file: string, now: () => number) {
  if (file !== ':memory:') mkdirSync(dirname(resolve(file)), { recursive: true });
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000;');
  database.exec(SCHEMA);
  const insert = database.prepare(`
    INSERT INTO messages (message_id, "from", "to", subject, text, html, received_at) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (message_id) DO UPDATE SET deliveries = deliveries + 1`);
  const list = database.prepare('SELECT * FROM messages ORDER BY id DESC LIMIT ?');
  const find = database.prepare('SELECT * FROM messages WHERE id = ?');
  return {
    add({ message_id, from, to, subject, text, html }: NewMessage): void {
      insert.run(message_id, from, to, subject, text, html, new Date(now()).toISOString());
    },
    /** Newest first. */
    list: (): StoredMessage[] => z.array(storedSchema).parse(list.all(LISTED)),
    find(id: number): StoredMessage | undefined {
      const row = find.get(id);
      return row === undefined ? undefined : storedSchema.parse(row);
    },
    clear: () => database.exec('DELETE FROM messages'),
    close: () => database.close(),
  };
}
