import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Request, RequestHandler, Response } from 'express';
import sirv from 'sirv';
import { isRoom } from '../../shared/api/rooms.ts';
import { wantsPage } from '../http/wants-page.ts';

const NOT_BUILT =
  'The sidecar runs, but the page is not built: run "npm run build", then reload. The API is described at /openapi.json.\n';

/** Below the operators' room anything may be a room. For a program, what is no answer of the API is a mistyped address. */
const mayBeRoom = (request: Request): boolean => wantsPage(request) || !request.path.startsWith('/operator/');

const reads = ({ method }: Request): boolean => method === 'GET' || method === 'HEAD';

/**
 * The page. `navigations` stands before the API, because a room of the operators may have the address of an answer of
 * theirs: what a browser opens is the page, what a program asks for is the answer. `files` stands after it.
 */
export function createPage(folder: string): { navigations: RequestHandler; files: RequestHandler } {
  const index = join(folder, 'index.html');
  const files = sirv(folder, {
    // Looks on the disk for each request: a page that is built anew while the sidecar runs is served at once.
    dev: true,
    etag: true,
    // As the build wrote them beside the files (`web/compress.ts`).
    brotli: true,
    gzip: true,
    setHeaders(response, path) {
      // Built assets carry a hash of their content in their names; all else may change at any time.
      const hashed = path.startsWith('/assets/');
      response.setHeader('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });

  function sendIndex(request: Request, response: Response): void {
    if (!existsSync(index)) {
      response.type('text').send(NOT_BUILT);
      return;
    }
    response.vary('Accept');
    request.url = '/';
    files(request, response);
  }

  return {
    navigations(request, response, next) {
      if (reads(request) && isRoom(request.path) && wantsPage(request)) sendIndex(request, response);
      else next();
    },
    files(request, response, next) {
      if (!reads(request)) return next();
      if (isRoom(request.path) && mayBeRoom(request)) return sendIndex(request, response);
      files(request, response, () => {
        if (!wantsPage(request) || !existsSync(index)) return next();
        // An address that nobody knows: the page says so, in words.
        response.status(404).set('cache-control', 'no-cache').type('html').send(readFileSync(index, 'utf8'));
      });
    },
  };
}
