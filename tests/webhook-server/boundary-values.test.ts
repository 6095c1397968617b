import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeApi } from '../../webhook-server/openapi/describe-api.ts';
import { routes } from '../../webhook-server/routes.ts';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';

type Schema = {
  $ref?: string;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  format?: string;
  minimum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
};
type Parameter = { name: string; in: string; schema: Schema };
type Operation = {
  operationId: string;
  security?: object[];
  parameters?: Parameter[];
  requestBody?: { content: { 'application/json': { schema: Schema } } };
};
const document = describeApi(routes) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};

const UUID = '4b2c0a52-7f5b-4e1a-9d3c-0a1b2c3d4e5f';
const NUMBERS = [-1, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1, 1e21, -(2 ** 31) - 1];
const DATES = [
  '0001-01-01T00:00:00Z',
  '5494-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '2026-02-30T00:00:00Z',
];
const TEXTS = [
  '',
  '\0',
  'a\0b',
  '\ud800',
  'x'.repeat(10_000),
  '2147483648',
  '9'.repeat(40),
  "'",
  '\u202e',
  'NaN',
];

const resolved = (schema: Schema): Schema =>
  schema.$ref === undefined
    ? schema
    : (document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});

/** Something that fits. */
function good(schema: Schema): unknown {
  const { const: constant, enum: words, type, format, minimum = 1, anyOf } = resolved(schema);
  if (constant !== undefined) return constant;
  if (words !== undefined) return words[0];
  if (anyOf?.[0] !== undefined) return good(anyOf[0]);
  if (type === 'integer' || type === 'number') return Math.max(1, minimum);
  if (type === 'boolean') return true;
  if (type === 'object') return goodBody(schema);
  if (format === 'uuid') return UUID;
  if (format === 'date-time') return new Date(Date.now() + 86_400_000).toISOString();
  return 'starter';
}

function goodBody(schema: Schema): Record<string, unknown> {
  const { properties = {}, required = [] } = resolved(schema);
  // Where it is one of two, it is this one.
  const names = Object.keys(properties).filter((name) => required.includes(name) || name === 'package_id');
  return Object.fromEntries(names.map((name) => [name, good(properties[name] ?? {})]));
}

/** Values at the ends of what a field may hold, and beyond. */
function hostile(schema: Schema): unknown[] {
  const { type, format, anyOf } = resolved(schema);
  if (anyOf !== undefined) return anyOf.flatMap(hostile);
  if (type === 'integer' || type === 'number') return NUMBERS;
  if (format === 'date-time') return [...DATES, ...TEXTS];
  return type === 'string' ? TEXTS : [...NUMBERS, ...TEXTS.slice(0, 4)];
}

type Attempt = { path: string; body: Record<string, unknown> | undefined; headers: Record<string, string> };

/** Exactly one hostile value among good ones, at each place of an operation. */
function attemptsAt(
  template: string,
  operation: Operation,
  person: Person,
): { at: string; attempt: Attempt }[] {
  const { parameters = [], requestBody } = operation;
  const bodySchema = requestBody?.content['application/json'].schema;
  const build = (name?: string, value?: unknown): Attempt => {
    const headers: Record<string, string> = {};
    let path = template;
    const query = new URLSearchParams();
    for (const parameter of parameters) {
      const isTarget = parameter.name === name;
      const own = parameter.name === 'user_id' ? person.id : String(good(parameter.schema));
      const text = isTarget ? String(value) : own;
      if (parameter.in === 'path')
        path = path.replace(`{${parameter.name}}`, encodeURIComponent(text.toWellFormed()) || '%20');
      else if (parameter.in === 'query' && isTarget) query.set(parameter.name, text);
      else if (parameter.in === 'header') headers[parameter.name] = isTarget ? text : crypto.randomUUID();
    }
    const body = bodySchema && {
      ...goodBody(bodySchema),
      ...(name !== undefined && value !== undefined && bodyFields.includes(name) && { [name]: value }),
    };
    return { path: query.size > 0 ? `${path}?${query}` : path, body, headers };
  };
  const bodyFields = Object.keys(resolved(bodySchema ?? {}).properties ?? {});
  const inBody = bodyFields.flatMap((name) =>
    hostile(resolved(bodySchema ?? {}).properties?.[name] ?? {}).map((value) => ({ name, value })),
  );
  // What a header may not hold never leaves the client.
  const inParameters = parameters
    .filter((parameter) => parameter.in !== 'header')
    .flatMap(({ name, schema }) => hostile(schema).map((value) => ({ name, value })));
  return [...inBody, ...inParameters].map(({ name, value }) => ({
    at: `${operation.operationId} ${name} ${JSON.stringify(value).slice(0, 60)}`,
    attempt: build(name, value),
  }));
}

let sidecar: TestSidecar;
let operator: Person;
beforeAll(async () => {
  sidecar = await startSidecar();
  operator = await sidecar.database.signUp();
  await sidecar.database.sql`update users set role = 'operator' where id = ${operator.id}`;
});
afterAll(() => sidecar.close());

test('no value of any field, however far out of range, is the absence of the database or a mistake of ours', async () => {
  const wrong: string[] = [];
  let tried = 0;
  for (const [template, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      for (const { at, attempt } of attemptsAt(template, operation, operator)) {
        tried++;
        const answer = await sidecar[method as 'get' | 'post' | 'put' | 'patch' | 'delete'](attempt.path, {
          person: operator,
          headers: attempt.headers,
          ...(attempt.body !== undefined && { body: attempt.body }),
        });
        const code = codeOf(answer);
        if (code === 'database_unavailable' || code === 'internal')
          wrong.push(`${at}: ${answer.status} ${String(code)}`);
      }
    }
  }
  console.log(`boundary values: ${tried} requests`);
  expect(wrong).toEqual([]);
  expect(tried).toBeGreaterThan(300);
  await sidecar.expectSound();
});
