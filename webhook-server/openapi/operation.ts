import { Fault, type FaultCode } from '../../shared/errors.ts';
import { type SchemaName, schemaReference } from './schemas.ts';

/** One thing that the API does, as data. */
export type Operation = {
  method: 'get' | 'post';
  path: string;
  summary: string;
  description?: string;
  /** Signed in with a Supabase access token. */
  signedIn?: boolean;
  headers?: Record<string, { description: string; maxLength: number }>;
  body?: SchemaName;
  status?: number;
  answer: SchemaName | 'text' | 'json';
  /** What is refused, besides what holds everywhere. */
  faults: readonly FaultCode[];
};

const EVERYWHERE: readonly FaultCode[] = ['internal'];
const SIGNED_IN: readonly FaultCode[] = ['not_signed_in', 'database_unavailable'];

function answerContent(answer: Operation['answer']): object {
  if (answer === 'text') return { 'text/plain': { schema: { type: 'string' } } };
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

function describeParameters({ path, headers = {} }: Operation): object[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', format: 'uuid' },
  }));
  const inHeaders = Object.entries(headers).map(([name, { description, maxLength }]) => ({
    name,
    in: 'header',
    required: true,
    description,
    schema: { type: 'string', minLength: 1, maxLength },
  }));
  return [...inPath, ...inHeaders];
}

/** An operation as an OpenAPI 3.1 Operation Object (https://spec.openapis.org/oas/v3.1.1.html#operation-object). */
export function describeOperation(operation: Operation): object {
  const { summary, description, signedIn = false, body, status = 200, answer, faults } = operation;
  const parameters = describeParameters(operation);
  const everyFault = [...faults, ...(signedIn ? SIGNED_IN : []), ...EVERYWHERE];
  return {
    summary,
    ...(description === undefined ? {} : { description }),
    ...(signedIn ? { security: [{ accessToken: [] }] } : {}),
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
      [status]: { description: 'Done.', content: answerContent(answer) },
      ...describeFaults(everyFault),
    },
  };
}
