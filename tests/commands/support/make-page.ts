import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const OLD = new Date('2026-01-01T00:00:00Z');
const BUILT = new Date('2026-01-02T00:00:00Z');
const LATER = new Date('2026-01-03T00:00:00Z');

/**
 * Lays a small page and its built form, younger than all its sources.
 * @returns changes a source after that
 */
export function makePage(root: string): (source: string) => void {
  for (const folder of ['web/dist', 'web/src/deep', 'web/public', 'shared/api']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  const files = ['web/index.html', 'web/src/deep/part.tsx', 'package-lock.json'];
  for (const file of files) writeFileSync(join(root, file), '');
  for (const path of [...files, 'web/src/deep', 'web/src', 'web/public', 'shared/api']) {
    utimesSync(join(root, path), OLD, OLD);
  }
  const built = join(root, 'web/dist/index.html');
  writeFileSync(built, '');
  utimesSync(built, BUILT, BUILT);
  return (source) => utimesSync(join(root, source), LATER, LATER);
}
