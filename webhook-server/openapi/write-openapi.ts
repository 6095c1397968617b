import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeApi } from './describe-api.ts';

/** Where the committed copy of the document is, so that a change of the API shows in review. */
export const OPENAPI_FILE = fileURLToPath(new URL('../../docs/openapi.json', import.meta.url));

/** Writes the document as it is now. */
export function writeOpenApi(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(describeApi(), null, 2)}\n`);
}

if (import.meta.main) writeOpenApi(OPENAPI_FILE);
