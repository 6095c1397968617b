import { noSuchObject } from '../api/refusal.ts';
import { ok, type Route, route } from '../api/route.ts';

const RETENTION_SECONDS = 30 * 24 * 60 * 60;

/** What a thin event tells of: the delivery has only its id and its type. */
const retrieve = route({
  method: 'GET',
  path: '/v2/core/events/:id',
  handle(call) {
    const row = call.store.database
      .prepare('SELECT body FROM thin_events WHERE id = ? AND created >= ?')
      .get(call.id, call.nowSeconds - RETENTION_SECONDS);
    if (row === undefined) throw noSuchObject('event', call.id);
    return ok(JSON.parse(String(row.body)));
  },
});

export const thinEventRoutes: readonly Route[] = [retrieve];
