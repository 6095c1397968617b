import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeApi } from './openapi/describe-api.ts';
import { routes } from './routes.ts';

/** Where the committed copy of the document is, so that a change of the API shows in review. */
export const OPENAPI_FILE = fileURLToPath(new URL('../docs/openapi.json', import.meta.url));

if (import.meta.main) writeFileSync(OPENAPI_FILE, `${JSON.stringify(describeApi(routes), null, 2)}\n`);
