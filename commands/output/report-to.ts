import { appendFileSync } from 'node:fs';
import { logFile, rotateLog } from '../supervisor/log-file.ts';
import type { Reporter } from './reporter.ts';

/** Every line also goes to the supervisor's log, which is all there is once nobody watches. */
export function reportTo(home: string, show: (line: string) => void): Reporter {
  const file = logFile(home, 'supervisor');
  rotateLog(file);
  return (line) => {
    show(line);
    appendFileSync(file, `${new Date().toISOString()} ${line}\n`, { mode: 0o600 });
  };
}
