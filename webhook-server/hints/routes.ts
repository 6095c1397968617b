import { createSession } from 'better-sse';
import type { Response } from 'express';
import { z } from 'zod';
import type { Changed, Hint } from '../../shared/api/hints.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import { route } from '../http/route.ts';
import { createHub } from './hub.ts';

/** Windows of one person that look at the same replica. */
const MOST_OF_ONE = 8;
const MOST = 5_000;
/** Shorter than proxies wait in silence. */
const HEARTBEAT_MS = 20_000;
/** Then whoever looks comes again, with a token that is still good. */
const LONGEST_MS = 1_800_000;

/** Streams that are open, so that nobody opens them without end, and all end with the process. */
function createStreams(stopping: AbortSignal | undefined) {
  const open = new Map<Response, string>();
  stopping?.addEventListener('abort', () => {
    for (const response of open.keys()) response.end();
  });
  return {
    /**
     * @returns takes it off the list again
     * @throws Fault `too_many_requests`, `overloaded`
     */
    admit(userId: string, response: Response): () => void {
      const own = [...open.values()].filter((id) => id === userId).length;
      if (own >= MOST_OF_ONE) throw new Fault('too_many_requests', 'Too many windows are open. Close some.');
      if (open.size >= MOST || stopping?.aborted) throw new Fault('overloaded');
      open.set(response, userId);
      const timer = setTimeout(() => response.end(), LONGEST_MS);
      return () => {
        clearTimeout(timer);
        open.delete(response);
      };
    },
  };
}

/** Tells people's own clients that something has changed, so that they need not ask again and again. */
export const hintRoutes = [
  route({
    operationId: 'listenForChanges',
    tag: 'time',
    method: 'get',
    path: '/events',
    access: 'person',
    summary: 'Be told when to fetch something again (server-sent events)',
    description:
      'Events named `changed`, whose data is such as {"changed":"balance"}: `all`, `balance`, `calls`, `purchases`, `memories`, `support`. At most a hint: it says neither what is true nor that nothing else changed. ' +
      '`all` comes first on each connection. Needs the Authorization header, so read it by fetch and not by EventSource. Comments ' +
      'come every 20 seconds; after half an hour it ends, and a client connects again with a token of now. On 503 nothing can be ' +
      'told of here: ask every minute or so instead.',
    answer: 'events',
    refuseHead: true,
    faults: ['not_found'],
    prepare({ config, database, logger }, { stopping }) {
      const noteLookers = (userIds: string[], seconds: number) =>
        callFunction(database, 'note_lookers', { p_user_ids: userIds, p_seconds: seconds }, z.int());
      const hub = createHub({ databaseUrl: config.DATABASE_URL, noteLookers, logger });
      const streams = createStreams(stopping);
      return async ({ userId, request, response }) => {
        const leave = streams.admit(userId, response);
        const waiting: Changed[] = ['all'];
        let tell = (changed: Changed) => void waiting.push(changed);
        const stop = await hub
          .subscribe(userId, (changed) => tell(changed))
          .catch((error: unknown) => {
            leave();
            throw error;
          });
        const end = () => {
          stop();
          leave();
        };
        response.once('close', end);
        // Gone while the database was asked.
        if (response.destroyed) {
          end();
          return '';
        }
        // Not compressed on the way: what waits for more to compress comes too late.
        response.set('cache-control', 'no-store, no-transform');
        const session = await createSession(request, response, {
          keepAlive: HEARTBEAT_MS,
          trustClientEventId: false,
        });
        tell = (changed) => {
          if (session.isConnected) session.push({ changed } satisfies Hint, 'changed');
        };
        for (const changed of new Set(waiting)) tell(changed);
        return '';
      };
    },
  }),
];
