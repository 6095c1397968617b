import { Fault, type FaultCode } from '../../shared/errors.ts';
import { type SchemaName, schemaReference } from './schemas.ts';

/** One thing that the API does, as data. */
export type Operation = {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  path: string;
  summary: string;
  description?: string;
  /** For our own processes and operators, not for callers. */
  tag?: 'internal' | 'operators';
  /** Signed in with a Supabase access token. */
  signedIn?: boolean;
  /** Sent by our own processes, with the service role key. */
  withServiceKey?: boolean;
  query?: Record<string, { description: string; schema: object }>;
  headers?: Record<string, { description: string; maxLength: number }>;
  body?: SchemaName;
  status?: number;
  answer: SchemaName | 'text' | 'csv' | 'json';
  /** Answered as an HTML document, too. */
  alsoHtml?: boolean;
  /** What is refused, besides what holds everywhere. */
  faults: readonly FaultCode[];
};

const EVERYWHERE: readonly FaultCode[] = ['internal'];
const SIGNED_IN: readonly FaultCode[] = ['not_signed_in', 'database_unavailable'];

function answerContent(answer: Operation['answer']): object {
  if (answer === 'text') return { 'text/plain': { schema: { type: 'string' } } };
  if (answer === 'csv') return { 'text/csv': { schema: { type: 'string' } } };
  const schema = answer === 'json' ? { type: 'object' } : { $ref: schemaReference(answer) };
  return { 'application/json': { schema } };
}

/** Several faults share a status, and OpenAPI has one response for each status: their codes go in its words. */
function describeFaults(codes: readonly FaultCode[]): Record<string, object> {
  const byStatus = Object.groupBy([...new Set(codes)], (code) => String(new Fault(code).status));
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, group = []]) => [
      status,
      {
        description: group.map((code) => `\`${code}\`: ${new Fault(code).message}`).join('\n\n'),
        content: answerContent('ErrorResponse'),
      },
    ]),
  );
}

function describeParameters({ path, headers = {}, query = {} }: Operation): object[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    // Every id of ours is a UUID; those of events and cards are Stripe's.
    schema:
      name === 'event_id' || name === 'payment_method_id'
        ? { type: 'string' }
        : { type: 'string', format: 'uuid' },
  }));
  const inHeaders = Object.entries(headers).map(([name, { description, maxLength }]) => ({
    name,
    in: 'header',
    required: true,
    description,
    schema: { type: 'string', minLength: 1, maxLength },
  }));
  const inQuery = Object.entries(query).map(([name, { description, schema }]) => ({
    name,
    in: 'query',
    required: false,
    description,
    schema,
  }));
  return [...inPath, ...inHeaders, ...inQuery];
}

/** An operation as an OpenAPI 3.1 Operation Object (https://spec.openapis.org/oas/v3.1.1.html#operation-object). */
export function describeOperation(operation: Operation): object {
  const { summary, description, tag, body, status = 200, answer, faults } = operation;
  const parameters = describeParameters(operation);
  const needsKey = operation.signedIn === true || operation.withServiceKey === true;
  const everyFault = [...faults, ...(needsKey ? SIGNED_IN : []), ...EVERYWHERE];
  const content = {
    ...answerContent(answer),
    ...(operation.alsoHtml === true && { 'text/html': { schema: { type: 'string' } } }),
  };
  return {
    summary,
    ...(description === undefined ? {} : { description }),
    ...(tag === undefined ? {} : { tags: [tag] }),
    ...(operation.signedIn === true && { security: [{ accessToken: [] }] }),
    ...(operation.withServiceKey === true && { security: [{ serviceKey: [] }] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { $ref: schemaReference(body) } } },
          },
        }),
    responses: {
      [status]: { description: 'Done.', content },
      ...describeFaults(everyFault),
    },
  };
}
