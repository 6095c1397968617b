import { autoTopUpOperations } from './auto-top-up-operations.ts';
import { buyingOperations } from './buying-operations.ts';
import { callerOperations } from './caller-operations.ts';
import { codeBatchOperations } from './code-batch-operations.ts';
import { internalOperations } from './internal-operations.ts';
import { memoryOperations } from './memory-operations.ts';
import { moneyOperations } from './money-operations.ts';
import { describeOperation } from './operation.ts';
import { operatorAnalyticsOperations } from './operator-analytics-operations.ts';
import { outboxOperations } from './outbox-operations.ts';
import { publicOperations } from './public-operations.ts';
import { describeSchemas } from './schemas.ts';
import { webhookOperations } from './webhook-operations.ts';

/** The API as an OpenAPI 3.1 document, made from the schemas that check what comes in and goes out. */
export function describeApi(): object {
  const paths: Record<string, Record<string, object>> = {};
  const operations = [
    ...publicOperations,
    ...callerOperations,
    ...buyingOperations,
    ...webhookOperations,
    ...internalOperations,
    ...moneyOperations,
    ...operatorAnalyticsOperations,
    ...outboxOperations,
    ...autoTopUpOperations,
    ...codeBatchOperations,
    ...memoryOperations,
  ];
  for (const operation of operations) {
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
    tags: [
      { name: 'operators', description: 'For people whose role is operator.' },
      { name: 'internal', description: 'For our own processes: keep it inside your network.' },
    ],
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
        serviceKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'The service role key of the database, which only our own processes have.',
        },
      },
    },
  };
}
