import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { build, type InlineConfig, preview } from 'vite';

/** Builds the page of somebody else and serves it on a port, an origin of its own. @returns what ends it */
export async function serveStarter(outDir: string, port: number): Promise<() => Promise<void>> {
  const options: InlineConfig = {
    root: import.meta.dirname,
    configFile: false,
    logLevel: 'error',
    plugins: [react()],
    build: { outDir: join(outDir, 'starter'), emptyOutDir: true, minify: false },
    preview: { host: '127.0.0.1', port, strictPort: true },
  };
  await build(options);
  const server = await preview(options);
  return () => server.close();
}
