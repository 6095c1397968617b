import { createHash } from 'node:crypto';
import { z } from 'zod';
import { apiSchemas } from '../../shared/api/schemas.ts';
import { type Route, route, type Tag } from '../http/route.ts';
import { describeOperation, schemaReference } from './describe-operation.ts';

const TAGS: Record<Tag, string> = {
  time: 'What you own, and what you used.',
  purchases: 'Packages, and buying them.',
  'saved cards': 'Cards kept at Stripe, and automatic top-up with them.',
  calls: 'Beginning a call, and what became of it.',
  settings: 'How you are spoken with, and what is remembered of you.',
  help: 'Asking for help, and the answers.',
  usage: 'What was used, and by whom; and tools for other programs.',
  tenants: 'Organisations that pay, and who belongs to them.',
  'machine payments': 'What programs buy by HTTP 402: time cards and calls.',
  'API keys': 'Keys by which programs of a tenant ask, what they may ask for, and what they asked.',
  'paid APIs': 'APIs of others that agents call for money, who sells them, and wallets.',
  operators: 'For people whose role is operator.',
  webhooks: 'What Stripe and LiveKit tell us.',
  internal: 'For our own processes: keep it inside your network.',
  service: 'For the page, and for those who run the service.',
};

/** PostgreSQL holds no text with U+0000; and what is only blank is trimmed away, where something has to be there. */
function textOf({ minLength = 0 }: { minLength?: number }): string {
  return minLength > 0 ? '^[^\\u0000]*[^\\u0000\\s][^\\u0000]*$' : '^[^\\u0000]*$';
}

/** Says of each text that comes in what `parseInput` refuses in all of them. */
function withTexts<Node>(node: Node): Node {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) return node.map(withTexts) as Node;
  const inner = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, withTexts(value)]));
  const isText =
    inner.type === 'string' &&
    !('enum' in inner || 'const' in inner || 'format' in inner || 'pattern' in inner);
  return (isText ? { ...inner, pattern: textOf(inner) } : inner) as Node;
}

/**
 * All schemas that have a name, as JSON Schema 2020-12, which is what OpenAPI 3.1 takes. In the form for input: what
 * is optional there stays so, and an answer may gain fields without breaking its readers.
 */
function describeSchemas(): Record<string, unknown> {
  const { schemas } = z.toJSONSchema(apiSchemas, {
    io: 'input',
    uri: schemaReference,
    override({ zodSchema, jsonSchema }) {
      Object.assign(jsonSchema, apiSchemas.get(zodSchema as unknown as z.ZodType)?.rules);
      // "Any integer that JavaScript can hold" is no news to a reader.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return Object.fromEntries(
    Object.entries(schemas)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { $schema: _, $id: __, ...schema }]) => [
        name,
        name.endsWith('Request') ? withTexts(schema) : schema,
      ]),
  );
}

/** The API as an OpenAPI 3.1 document, made from the routes and the schemas that check what comes in and goes out. */
export function describeApi(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { operation } of routes) {
    const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method]: describeOperation(operation) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'MindBot',
      version: '1',
      description: 'Buys, activates and shows time, and begins calls. Every error has the same shape.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: describeSchemas(),
      securitySchemes: {
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The access token of a Supabase session.',
        },
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key of a tenant: `mb_live_…`. It has scopes, and names its tenant.',
        },
        serviceKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'The service role key of the database, which only our own processes have.',
        },
      },
    },
  };
}

/** These routes, and one more that answers the document of them all. */
export function withDocument(routes: readonly Route[]): readonly Route[] {
  const all: readonly Route[] = [
    ...routes,
    route({
      operationId: 'readApiDescription',
      tag: 'service',
      method: 'get',
      path: '/openapi.json',
      access: 'anybody',
      summary: 'This document',
      answer: 'json',
      prepare() {
        const document = describeApi(all);
        const text = JSON.stringify(document);
        const etag = `"${createHash('sha256').update(text).digest('base64url')}"`;
        return ({ response }) => {
          response.set({ 'cache-control': 'public, max-age=300', etag }).type('json').send(text);
          return document;
        };
      },
    }),
  ];
  return all;
}
