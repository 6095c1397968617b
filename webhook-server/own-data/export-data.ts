import { once } from 'node:events';
import type { Response } from 'express';
import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';

const PARTS = ['cards', 'ledger', 'calls', 'purchases', 'memories', 'support_requests', 'usage'] as const;
/** Of a reader that takes nothing: then it is let go, so that nobody holds up those who come after. */
const PATIENCE_MS = 10_000;

const pageSchema = z.object({
  items: z.array(z.unknown()),
  next: z.object({ at: z.string(), id: z.string() }).nullable(),
});

/** One part, page by page, as the entries of a JSON array. */
async function* entriesOf({ database }: Dependencies, userId: string, part: string): AsyncGenerator<string> {
  let after = {};
  let separator = '';
  for (;;) {
    const args = { p_user_id: userId, p_part: part, ...after };
    const { items, next } = await callFunction(database, 'export_part', args, pageSchema);
    if (items.length > 0) {
      yield separator + items.map((item) => JSON.stringify(item)).join(',\n');
      separator = ',\n';
    }
    if (next === null) return;
    after = { p_after_at: next.at, p_after_id: next.id };
  }
}

/** All that is kept of a person as one JSON document, in pieces. */
async function* documentOf(deps: Dependencies, userId: string, person: object): AsyncGenerator<string> {
  yield `{"exported_at":${JSON.stringify(deps.now().toISOString())}`;
  for (const [name, value] of Object.entries(person)) yield `,\n"${name}":${JSON.stringify(value)}`;
  for (const part of PARTS) {
    yield `,\n"${part}":[`;
    yield* entriesOf(deps, userId, part);
    yield ']';
  }
  yield '}\n';
}

/**
 * Sends a person all that is kept of them, as a file. However much it is, one page of it is in memory; where the reader
 * goes away or stops reading, it ends. Codes of gifts are not in it, because whoever has one has the time.
 * @throws Fault `unknown_user`, `database_unavailable` (also in the middle: then the connection ends, and the file is not JSON)
 */
export async function sendExport(deps: Dependencies, userId: string, response: Response): Promise<void> {
  const person = await callFunction(
    deps.database,
    'export_person',
    { p_user_id: userId },
    z.record(z.string(), z.unknown()).nullable(),
  );
  if (person === null) throw new Fault('unknown_user');
  const day = deps.now().toISOString().slice(0, 10);
  response.type('json').attachment(`mindbot-${day}.json`);
  for await (const piece of documentOf(deps, userId, person)) {
    if (response.destroyed) return;
    if (!response.write(piece)) await once(response, 'drain', { signal: AbortSignal.timeout(PATIENCE_MS) });
  }
  response.end();
}
