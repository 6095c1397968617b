import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeApi } from '../../webhook-server/openapi/describe-api.ts';
import { OPENAPI_FILE } from '../../webhook-server/openapi/write-openapi.ts';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar();
});
afterAll(() => sidecar.close());

type Document = {
  paths: Record<string, Record<string, { responses: Record<string, { description: string }> }>>;
  components: { schemas: Record<string, { required?: string[] }> };
};

test('docs/openapi.json is current; node webhook-server/openapi/write-openapi.ts writes it', () => {
  expect(JSON.parse(readFileSync(OPENAPI_FILE, 'utf8'))).toEqual(describeApi());
});

test('GET /openapi.json answers the document', async () => {
  expect((await sidecar.get('/openapi.json')).body).toEqual(describeApi());
});

test('every described path is there, and every reference leads somewhere', async () => {
  const document = describeApi() as Document;
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const method of Object.keys(operations)) {
      const address = path.replaceAll(/\{\w+\}/g, '4b2c0a52-7f5b-4e1a-9d3c-0a1b2c3d4e5f');
      const answer = await sidecar[method as 'get' | 'post' | 'put' | 'patch' | 'delete'](address);
      expect([path, answer.status === 404]).toEqual([path, false]);
      expect(Object.keys(operations[method]?.responses ?? {})).toContain(String(answer.status));
    }
  }
  for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    expect(document.components.schemas).toHaveProperty(name ?? '');
  }
});

test('what has a default need not be sent', () => {
  const { schemas } = (describeApi() as Document).components;
  expect(schemas.CreatePaymentIntentRequest?.required).toEqual(['package_id']);
});
