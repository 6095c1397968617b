import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { z } from 'zod';
import type { Dependencies } from '../../webhook-server/base/dependencies.ts';
import { createGuards } from '../../webhook-server/http/access.ts';
import { answerErrors } from '../../webhook-server/http/answer-errors.ts';
import { createGate } from '../../webhook-server/http/gate.ts';
import { limitRequests } from '../../webhook-server/http/limit-requests.ts';
import { logRequests } from '../../webhook-server/http/log-requests.ts';
import { mountAll, route } from '../../webhook-server/http/route.ts';

const body = z.object({ tenant_id: z.string().optional() });
const keyRoute = { tag: 'API keys', access: 'key', summary: 'of the test', answer: 'json' } as const;

/** Routes by key and of members, as other domains write them. */
const routes = [
  route({
    ...keyRoute,
    operationId: 'a',
    method: 'get',
    path: '/read',
    scope: 'usage:read',
    handle: ({ tenant }) => tenant,
  }),
  route({
    ...keyRoute,
    ...{ operationId: 'b', method: 'post', path: '/write', scope: 'usage:write', body },
    handle: ({ tenant }) => tenant,
  }),
  route({
    ...keyRoute,
    ...{ operationId: 'c', method: 'get', path: '/fails', scope: 'usage:read' },
    handle() {
      throw new Error('of ours');
    },
  }),
  route({
    ...keyRoute,
    ...{
      operationId: 'd',
      method: 'post',
      path: '/billing',
      access: 'member',
      scope: 'billing:write',
      role: 'billing',
      body,
    },
    handle: ({ tenant, userId }) => ({ ...tenant, userId }),
  }),
];

export type Replica = Awaited<ReturnType<typeof startReplica>>;

/** One of several processes on one database, with routes of the test. */
export async function startReplica(deps: Dependencies) {
  const app = express();
  const [own, provider] = [createGate(1000), createGate(1000)];
  const guards = createGuards(deps, limitRequests({ windowMs: 60_000, reads: 1000, writes: 1000 }));
  const process = { isReady: () => true, lateJobs: () => [] };
  app.use(logRequests(deps.logger));
  app.use(
    mountAll(routes, {
      deps,
      process,
      guards,
      gates: { own, provider, chains: provider, sellers: provider },
      checkAnswers: true,
    }),
  );
  app.use(answerErrors(deps.metrics));
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    async ask(path: string, token: string, sent?: object) {
      const response = await fetch(url + path, {
        method: sent === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: sent === undefined ? null : JSON.stringify(sent),
      });
      const answer = (await response.json()) as Record<string, unknown> & { error?: Record<string, unknown> };
      return { status: response.status, headers: response.headers, body: answer, code: answer.error?.code };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
