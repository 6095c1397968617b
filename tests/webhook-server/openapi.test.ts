import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import express, { type Express, Router } from 'express';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pricingResponse } from '../../shared/api/pricing.ts';
import { createApp } from '../../webhook-server/app.ts';
import { createGuards } from '../../webhook-server/http/access.ts';
import { createGate, type Gate } from '../../webhook-server/http/gate.ts';
import { mountAll, route } from '../../webhook-server/http/route.ts';
import { describeApi } from '../../webhook-server/openapi/describe-api.ts';
import { routes } from '../../webhook-server/routes.ts';
import { OPENAPI_FILE } from '../../webhook-server/write-openapi.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar();
});
afterAll(() => sidecar.close());

type Operation = {
  operationId?: string;
  tags?: string[];
  parameters?: { name: string; in: string; required: boolean }[];
  responses: Record<string, object>;
};
type Document = {
  paths: Record<string, Record<string, Operation>>;
  tags: { name: string }[];
  components: { schemas: Record<string, { required?: string[] }> };
};
const document = describeApi(routes) as Document;

type Layer = {
  slash: boolean;
  route?: { path: string; methods: Record<string, boolean> };
  handle: { stack?: Layer[] };
};

/** What Express has in its routers, wherever they are mounted, as `get /pricing`. Knows nothing of our own list. */
function mountedIn({ stack }: { stack: Layer[] }): string[] {
  return stack.flatMap(({ route, handle, slash }) => {
    if (route !== undefined) return Object.keys(route.methods).map((method) => `${method} ${route.path}`);
    if (handle.stack === undefined) return [];
    if (!slash) throw new Error('a router stands under a path of its own, which this test cannot read');
    return mountedIn({ stack: handle.stack });
  });
}

/** Says what the page is missing, and is no part of the API. */
const NO_API = 'get /';

/** Both directions: what is mounted and not described, and what is described and not mounted. */
function differences(app: Express, { paths }: Document): { undescribed: string[]; unmounted: string[] } {
  const mounted = mountedIn(app.router as unknown as { stack: Layer[] }).filter((at) => at !== NO_API);
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  );
  return {
    undescribed: mounted.filter((at) => !described.includes(at)),
    unmounted: described.filter((at) => !mounted.includes(at)),
  };
}

const appOf = ({ deps }: TestSidecar) =>
  createApp(deps, {
    budgets: { windowMs: 1000, reads: 1, writes: 1 },
    pageFolder: '/nonexistent',
    isReady: () => true,
    lateJobs: () => [],
  });

const operationsOf = ({ paths }: Document) => Object.values(paths).flatMap((path) => Object.values(path));

/** Operations without a name or a known tag, and names that two share. */
function unnamed(document: Document): string[] {
  const tags = document.tags.map(({ name }) => name);
  const operations = operationsOf(document);
  const ids = operations.map(({ operationId }) => operationId ?? '');
  return [
    ...ids.filter((id, index) => !/^[a-z][a-zA-Z]+$/.test(id) || ids.indexOf(id) !== index),
    ...operations.filter((operation) => !tags.includes(operation.tags?.[0] ?? '')).map(() => 'no tag'),
  ];
}

test('docs/openapi.json is current; npx node webhook-server/write-openapi.ts writes it', () => {
  expect(JSON.parse(readFileSync(OPENAPI_FILE, 'utf8'))).toEqual(document);
});

test('what a query lacks is refused where the document requires it, and only there', () => {
  let required = 0;
  for (const { operation } of routes) {
    const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
    const { parameters = [] } = document.paths[path]?.[operation.method] ?? { parameters: [] };
    const needed = parameters.filter((one) => one.in === 'query' && one.required).map(({ name }) => name);
    const issues = operation.query?.safeParse({}).error?.issues ?? [];
    expect([path, needed]).toEqual([path, issues.map((issue) => String(issue.path[0]))]);
    required += needed.length;
  }
  expect(required).toBeGreaterThan(3);
});

test('GET /openapi.json answers the document', async () => {
  expect((await sidecar.get('/openapi.json')).body).toEqual(document);
});

test('every mounted route is described, and every described one is mounted', () => {
  expect(differences(appOf(sidecar), document)).toEqual({ undescribed: [], unmounted: [] });
  expect(operationsOf(document).length).toBeGreaterThan(40);
});

test('negative control: a route that nobody described, and one that is described only, are found', () => {
  const app = appOf(sidecar);
  const answer: express.RequestHandler = (_request, response) => void response.json({});
  app.post('/secret', answer);
  app.use(Router().use(Router().get('/deep/:id', answer)));
  const more = structuredClone(document);
  more.paths['/pricing'] = { ...more.paths['/pricing'], put: { responses: {} } };
  more.paths['/user/{user_id}/nothing'] = { get: { responses: {} } };
  expect(differences(app, more)).toEqual({
    undescribed: ['post /secret', 'get /deep/:id'],
    unmounted: ['put /pricing', 'get /user/:user_id/nothing'],
  });
  app.use('/hidden', Router().get('/away', answer));
  expect(() => differences(app, more)).toThrow('under a path of its own');
});

test('every operation has a name of its own and a tag', () => {
  expect(unnamed(document)).toEqual([]);
  const broken = structuredClone(document);
  Object.assign(broken.paths['/pricing']?.get ?? {}, { operationId: 'readBalance', tags: ['unheard of'] });
  delete broken.paths['/health']?.get?.operationId;
  expect(unnamed(broken)).toEqual(['', 'readBalance', 'no tag']);
});

test('an answer has a status that is described, and every reference leads somewhere', async () => {
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, { responses }] of Object.entries(operations)) {
      const address = path.replaceAll(/\{\w+\}/g, '4b2c0a52-7f5b-4e1a-9d3c-0a1b2c3d4e5f');
      const answer = await sidecar[method as 'get' | 'post' | 'put' | 'patch' | 'delete'](address);
      // What is not sold has a code of its own.
      expect([path, codeOf(answer)]).not.toEqual([path, 'not_found']);
      expect(Object.keys(responses)).toContain(String(answer.status));
    }
  }
  const named = Object.keys(document.components.schemas);
  const used = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
    ([, name]) => name,
  );
  expect([...new Set(used)].sort()).toEqual(named);
});

test('an answer that its description does not know is an error, where answers are checked', async () => {
  const { deps } = sidecar;
  const wrong = route({
    operationId: 'sellNothing',
    tag: 'purchases',
    method: 'get',
    path: '/nothing',
    access: 'anybody',
    summary: 'Packages without prices',
    answer: pricingResponse,
    handle: () => ({ currency: 'usd', packages: [{ id: 'free' }] }) as never,
  });
  const statusOf = async (checkAnswers: boolean) => {
    const guards = createGuards(deps, (_request, _response, next) => next());
    const process = { isReady: () => true, lateJobs: () => [] };
    const [own, provider, chains, sellers] = [1, 1, 1, 1].map(createGate) as [Gate, Gate, Gate, Gate];
    const gates = { own, provider, chains, sellers };
    const app = express().use(mountAll([wrong], { deps, process, guards, gates, checkAnswers }));
    app.use(
      ((_error, _request, response, _next) => void response.sendStatus(500)) as express.ErrorRequestHandler,
    );
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      return (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/nothing`)).status;
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  };
  expect([await statusOf(true), await statusOf(false)]).toEqual([500, 200]);
});

test('the document says what the check refuses: one of two, words with a gift only, no U+0000, no more than fits', () => {
  const { CodeBatchRequest, CreatePaymentIntentRequest, RefundRequest, ActivateRequest } = document.components
    .schemas as Record<string, { properties?: Record<string, { pattern?: string; maximum?: number }> }>;
  expect(CodeBatchRequest).toMatchObject({
    oneOf: [{ required: ['package_id'] }, { required: ['minutes'] }],
  });
  expect(CreatePaymentIntentRequest).toMatchObject({
    anyOf: [
      { required: ['for'] },
      {
        not: {
          anyOf: [
            { required: ['message'] },
            { required: ['recipient_name'] },
            { required: ['recipient_email'] },
            { required: ['deliver_on'] },
          ],
        },
      },
    ],
  });
  expect(RefundRequest?.properties?.amount_cents?.maximum).toBe(2_147_483_647);
  for (const schema of [ActivateRequest?.properties?.code, RefundRequest?.properties?.reason]) {
    const pattern = new RegExp(schema?.pattern ?? '', 'u');
    expect(['ABCD', 'a b', ' ', 'a\0b'].map((text) => pattern.test(text))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  }
});

test('what has a default need not be sent', () => {
  const { schemas } = document.components;
  expect(schemas.CreatePaymentIntentRequest?.required).toEqual(['package_id']);
});
