import { z } from 'zod';
import { errorResponse } from '../../shared/api/error.ts';
import { apiSchemas } from '../../shared/api/schemas.ts';
import { FAULT_CODES, Fault, type FaultCode } from '../../shared/errors.ts';
import type { Access } from '../http/access.ts';
import { faultsOf, type Operation } from '../http/route.ts';

const SECURITY: Partial<Record<Access, object>> = {
  person: { security: [{ accessToken: [] }] },
  self: { security: [{ accessToken: [] }] },
  operator: { security: [{ accessToken: [] }] },
  service: { security: [{ serviceKey: [] }] },
  key: { security: [{ apiKey: [] }] },
  known: { security: [{ accessToken: [] }, { apiKey: [] }, { serviceKey: [] }] },
  member: { security: [{ accessToken: [] }, { apiKey: [] }] },
  payer: { security: [{}, { accessToken: [] }, { apiKey: [] }] },
};

/** Where a schema stands in the document. */
export function schemaReference(name: string): string {
  return `#/components/schemas/${name}`;
}

function referTo(schema: z.ZodType): object {
  const id = apiSchemas.get(schema)?.id;
  if (id === undefined) throw new Error('a body or an answer has no name: register it in apiSchemas');
  return { $ref: schemaReference(id) };
}

function answerContent(answer: Operation['answer']): object {
  if (answer === 'text') return { 'text/plain': { schema: { type: 'string' } } };
  if (answer === 'events') return { 'text/event-stream': { schema: { type: 'string' } } };
  if (answer === 'csv') return { 'text/csv': { schema: { type: 'string' } } };
  return { 'application/json': { schema: answer === 'json' ? { type: 'object' } : referTo(answer) } };
}

const LEFT = {
  'RateLimit-Policy': {
    description: 'What the plan of the tenant serves: `"period";q=50000;w=2592000, "minute";q=600;w=60`.',
    schema: { type: 'string' },
  },
  RateLimit: {
    description: 'What is left of it, and in how many seconds it begins anew: `"period";r=49999;t=86400, …`.',
    schema: { type: 'string' },
  },
};

const WAITS = new Set<FaultCode>(['too_many_requests', 'quota_spent', 'overloaded']);
const RETRY_AFTER = {
  description: 'Seconds to wait, with `too_many_requests`, `quota_spent` and `overloaded`.',
  schema: { type: 'integer', minimum: 0 },
};

/** Several faults share a status, and OpenAPI has one response for each status: their codes go in its words. */
function describeFaults(codes: ReadonlySet<FaultCode>): Record<string, object> {
  const inOrder = FAULT_CODES.filter((code) => codes.has(code));
  const byStatus = Object.groupBy(inOrder, (code) => String(new Fault(code).status));
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, group = []]) => [
      status,
      {
        description: group.map((code) => `\`${code}\`: ${new Fault(code).message}`).join('\n\n'),
        ...(group.some((code) => WAITS.has(code)) && {
          headers: { 'Retry-After': RETRY_AFTER },
        }),
        content: { 'application/json': { schema: referTo(errorResponse) } },
      },
    ]),
  );
}

/** The fields of an object in the path or the query, each with its schema. */
function describeFields(place: 'path' | 'query', object: z.ZodObject | undefined): object[] {
  if (object === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(object, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description, pattern, ...schema } = property as Record<string, unknown>;
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description !== undefined && { description }),
      // What zod has for a format says no more than its name.
      schema: pattern === undefined || 'format' in schema ? schema : { ...schema, pattern },
    };
  });
}

const self = z.object({ user_id: z.uuid() });

function describeParameters({ access, params, query, headers, idempotency }: Operation): object[] {
  const key = idempotency && {
    'Idempotency-Key': { description: idempotency.names, maxLength: idempotency.maxLength },
  };
  const all: NonNullable<Operation['headers']> = { ...key, ...headers };
  const inHeaders = Object.entries(all).map(([name, { description, maxLength, optional }]) => ({
    name,
    in: 'header',
    required: optional !== true,
    description,
    schema: { type: 'string', minLength: 1, maxLength },
  }));
  return [
    ...describeFields('path', access === 'self' ? self : undefined),
    ...describeFields('path', params),
    ...inHeaders,
    ...describeFields('query', query),
  ];
}

/** An operation as an OpenAPI 3.1 Operation Object (https://spec.openapis.org/oas/v3.1.1.html#operation-object). */
export function describeOperation(operation: Operation): object {
  const { operationId, summary, description, tag, body, answer, status = 200, bodyMayBeMissing } = operation;
  const { unavailableWhen, pendingWhen } = operation;
  const parameters = describeParameters(operation);
  const content = {
    ...answerContent(answer),
    ...(operation.alsoHtml && { 'text/html': { schema: { type: 'string' } } }),
  };
  return {
    operationId,
    summary,
    ...(description !== undefined && { description }),
    tags: [tag],
    ...SECURITY[operation.access],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: bodyMayBeMissing !== true,
        content: { 'application/json': { schema: referTo(body) } },
      },
    }),
    responses: {
      [status]: {
        description: 'Done.',
        ...((operation.access === 'key' || operation.access === 'member') && { headers: LEFT }),
        content,
      },
      ...(pendingWhen !== undefined && { 202: { description: pendingWhen, content } }),
      ...(unavailableWhen !== undefined && { 503: { description: unavailableWhen, content } }),
      ...describeFaults(faultsOf(operation)),
    },
  };
}
