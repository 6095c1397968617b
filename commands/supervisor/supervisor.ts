import { setTimeout as sleep } from 'node:timers/promises';
import { endOrphans, endProcess } from './end-process.ts';
import { logFile } from './log-file.ts';
import type { Service } from './service.ts';
import { ServiceFailed, type StartedService, startService } from './start-service.ts';

export type SupervisorEvent =
  | { kind: 'slow'; service: Service }
  | { kind: 'ready'; service: Service; tookMs: number }
  | { kind: 'crashed'; service: Service; why: string; restartInMs: number | null }
  | { kind: 'restarted'; service: Service; tookMs: number };

export type Running = {
  service: Service;
  started: StartedService;
  isReady: boolean;
  restarts: number;
  since: Date;
};

type Options = {
  services: readonly Service[];
  /** The data folder; its logs take the services' output. Null passes the output through. */
  home: string | null;
  /** Whether a service that ends is started again; else the first end is reported with `restartInMs: null`. */
  restart: boolean;
  onEvent(event: SupervisorEvent): void;
  /** Called whenever a process has come or gone. */
  onChange(): void;
  /** Ends a start that is under way; stop() must still be called. */
  stopSignal: AbortSignal;
};

const SLOW_AFTER_MS = 20_000;
const FIRST_BACKOFF_MS = 1000;
const LONGEST_BACKOFF_MS = 30_000;
/** A service that lived this long is well again: its next crash starts at the shortest wait. */
const WELL_AFTER_MS = 60_000;

export function backoffMs(crashes: number): number {
  return Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.max(0, crashes - 1));
}

/** Keeps a table of services: starts them in order, restarts what crashes, stops them in the opposite order. */
export class Supervisor {
  readonly running = new Map<string, Running>();
  readonly #options: Options;
  /** By service: the end of what its last crash left behind. */
  readonly #cleanUps = new Map<string, Promise<void>>();
  readonly #aborter = new AbortController();
  readonly #signal: AbortSignal;

  constructor(options: Options) {
    this.#options = options;
    this.#signal = AbortSignal.any([this.#aborter.signal, options.stopSignal]);
  }

  /**
   * Starts every service as soon as those it needs are ready.
   * @throws ServiceFailed of the first that cannot be started; the caller then calls stop()
   */
  async start(): Promise<void> {
    const ready = new Map<string, Promise<void>>();
    const bringUp = (service: Service): Promise<void> => {
      const known = ready.get(service.name);
      if (known) return known;
      const needed = this.#options.services.filter(({ name }) => service.after.includes(name));
      const promise = Promise.all(needed.map(bringUp)).then(() => this.#bringUp(service));
      ready.set(service.name, promise);
      return promise;
    };
    try {
      await Promise.all(this.#options.services.map(bringUp));
    } catch (error) {
      this.#aborter.abort();
      throw error;
    }
  }

  /** Stops everything, what depends on others first. Safe to call twice and while starting. */
  async stop(): Promise<void> {
    this.#aborter.abort();
    while (this.running.size > 0) {
      const all = [...this.running.values()];
      const isNeeded = (name: string) => all.some(({ service }) => service.after.includes(name));
      const free = all.filter(({ service }) => !isNeeded(service.name));
      await Promise.all(
        free.map(async ({ service, started }) => {
          await endProcess(started.identity, service.graceMs);
          this.running.delete(service.name);
          this.#options.onChange();
        }),
      );
    }
    await Promise.all(this.#cleanUps.values());
  }

  async #bringUp(service: Service, restarts = 0): Promise<void> {
    const { home, onEvent, onChange } = this.#options;
    const signal = this.#signal;
    const before = performance.now();
    signal.throwIfAborted();
    const started = startService(service, home === null ? null : logFile(home, service.name));
    const running: Running = { service, started, isReady: false, restarts, since: new Date() };
    this.running.set(service.name, running);
    onChange();
    const slow = setTimeout(() => onEvent({ kind: 'slow', service }), SLOW_AFTER_MS);
    try {
      await started.ready(signal);
    } finally {
      clearTimeout(slow);
    }
    running.isReady = true;
    onChange();
    const tookMs = performance.now() - before;
    onEvent({ kind: restarts === 0 ? 'ready' : 'restarted', service, tookMs });
    void started.exited.then((how) => this.#afterExit(running, how));
  }

  async #afterExit({ service, started, restarts, since }: Running, how: string): Promise<void> {
    if (this.#signal.aborted) return;
    this.running.delete(service.name);
    this.#options.onChange();
    const crashes = Date.now() - since.getTime() > WELL_AFTER_MS ? 1 : restarts + 1;
    this.#cleanUps.set(service.name, endOrphans(started.identity));
    await this.#restart(service, crashes, `ended with ${how}`);
  }

  async #restart(service: Service, crashes: number, why: string): Promise<void> {
    const { restart, onEvent } = this.#options;
    const signal = this.#signal;
    if (signal.aborted) return;
    onEvent({ kind: 'crashed', service, why, restartInMs: restart ? backoffMs(crashes) : null });
    if (!restart) return;
    try {
      await sleep(backoffMs(crashes), undefined, { signal });
      await this.#cleanUps.get(service.name);
      await this.#bringUp(service, crashes);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ServiceFailed)) throw error;
      const halfStarted = this.running.get(service.name);
      if (halfStarted) await endProcess(halfStarted.started.identity, service.graceMs);
      this.running.delete(service.name);
      await this.#restart(service, crashes + 1, 'did not come up again');
    }
  }
}
