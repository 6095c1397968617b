import { endProcess } from './end-process.ts';
import { readState } from './state-file.ts';

/**
 * Ctrl-C, `stop` and a closed terminal ask for an orderly end; a second time they get it at once.
 * @returns aborted at the first of them
 */
export function stopOnSignals(home: string, onFirst: () => void): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (!controller.signal.aborted) {
      onFirst();
      controller.abort();
      return;
    }
    const services = readState(home)?.services ?? [];
    void Promise.all(services.map(({ process }) => endProcess(process, 0))).then(() => process.exit(130));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return controller.signal;
}
