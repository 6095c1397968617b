import { sep } from 'node:path';
import express, { Router } from 'express';
import type { Dependencies } from '../dependencies.ts';
import { describePage } from './describe-page.ts';

const NOT_BUILT =
  'The sidecar runs, but the page is not built: run "npm run build", then reload. The API is described at /openapi.json.\n';

/** The page, its configuration, and a plain sentence where the page is not built. */
export function pageRoutes({ config }: Dependencies, pageFolder: string): Router {
  const router = Router();
  router.get('/config.json', (_request, response) => {
    response.set('cache-control', 'no-cache').json(describePage(config));
  });
  router.use(
    express.static(pageFolder, {
      cacheControl: false,
      setHeaders(response, path) {
        // Built assets carry a hash of their content in their names; all else may change at any time.
        const hashed = path.includes(`${sep}assets${sep}`);
        response.setHeader('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    }),
  );
  router.get('/', (_request, response) => {
    response.type('text').send(NOT_BUILT);
  });
  return router;
}
