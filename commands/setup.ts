import { parseOptions } from './basics/parse-options.ts';
import { findProject, makeHome } from './basics/project.ts';
import { prepareTools } from './prepare-tools.ts';

parseOptions({ options: {} });
const { home } = findProject(process.env);
makeHome(home);
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
try {
  await prepareTools({ home, report: console.log, signal: interrupted.signal });
} catch (error) {
  if (!interrupted.signal.aborted) throw error;
  process.exit(130);
}
