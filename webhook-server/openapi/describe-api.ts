import { callerOperations } from './caller-operations.ts';
import { describeOperation } from './operation.ts';
import { publicOperations } from './public-operations.ts';
import { describeSchemas } from './schemas.ts';
import { webhookOperations } from './webhook-operations.ts';

/** The API as an OpenAPI 3.1 document, made from the schemas that check what comes in and goes out. */
export function describeApi(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of [...publicOperations, ...callerOperations, ...webhookOperations]) {
    const { method, path } = operation;
    paths[path] = { ...paths[path], [method]: describeOperation(operation) };
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
      },
    },
  };
}
