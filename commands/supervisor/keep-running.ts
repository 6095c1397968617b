import { done, note, problem, type Reporter, seconds } from '../basics/reporter.ts';
import { cleanLeftovers } from './end-process.ts';
import { identify } from './process-identity.ts';
import type { RunPlan } from './service.ts';
import { ServiceFailed } from './start-service.ts';
import { type RunState, removeState, writeState } from './state-file.ts';
import { Supervisor, type SupervisorEvent } from './supervisor.ts';

type Options = {
  home: string;
  mode: RunState['mode'];
  report: Reporter;
  /** Works out what to run: may build, ask for ports, and refuse by throwing. */
  prepare(signal: AbortSignal): Promise<RunPlan>;
  /** Told when everything is up. */
  onUp(plan: RunPlan): void;
  /** Aborted when somebody asks for the end. */
  stopSignal: AbortSignal;
};

function eventLine(event: SupervisorEvent): string {
  const { label, name, address } = event.service;
  if (event.kind === 'ready') return done(label, event.tookMs, address);
  if (event.kind === 'slow') return note(`${label} is not ready yet. (./launch.sh logs ${name})`);
  if (event.kind === 'restarted') return note(`${label} is back after ${seconds(event.tookMs)}.`);
  const next = event.restartInMs === null ? '' : ` Starting it again in ${seconds(event.restartInMs)}.`;
  return problem(`${label} ${event.why}.${next} (./launch.sh logs ${name})`);
}

function failureLines(error: unknown): string[] {
  if (!(error instanceof Error)) return [problem(String(error))];
  const lines = error instanceof ServiceFailed ? error.lines.map((line) => `      ${line}`) : [];
  return [problem(error.message), ...lines];
}

/** A run: its state on disk follows its processes, so that `stop` and `status` in another terminal know them. */
class Run {
  readonly #options: Options;
  readonly #startedAt = new Date().toISOString();
  #phase: RunState['phase'] = 'starting';
  #plan: RunPlan | undefined;
  #supervisor: Supervisor | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.#save();
  }

  /** @returns the exit status */
  async run(): Promise<number> {
    const { report, stopSignal } = this.#options;
    try {
      // A service may end for good while another is still awaited.
      const untilTheEnd = this.#bringUp().then(() => this.#untilStopped());
      const hasCrashed = await Promise.race([untilTheEnd, this.#crash.promise]);
      return hasCrashed ? 1 : 0;
    } catch (error) {
      if (stopSignal.aborted) return 0;
      for (const line of failureLines(error)) report(line);
      return 1;
    } finally {
      await this.#end();
    }
  }

  #save(): void {
    const supervisor = identify(process.pid);
    if (supervisor === undefined) throw new Error('This process cannot be found in the list of processes.');
    const services = [...(this.#supervisor?.running.values() ?? [])].map((running) => ({
      name: running.service.name,
      label: running.service.label,
      address: running.service.address,
      process: running.started.identity,
      isReady: running.isReady,
      restarts: running.restarts,
      startedAt: running.since.toISOString(),
    }));
    writeState(this.#options.home, {
      mode: this.#options.mode,
      phase: this.#phase,
      supervisor,
      startedAt: this.#startedAt,
      services,
      addresses: [...(this.#plan?.addresses ?? [])],
      status: this.#plan?.status ?? null,
    });
  }

  readonly #crash = Promise.withResolvers<true>();

  async #bringUp(): Promise<void> {
    const { home, mode, report, prepare, onUp, stopSignal } = this.#options;
    const plan = await prepare(stopSignal);
    stopSignal.throwIfAborted();
    this.#plan = plan;
    this.#supervisor = new Supervisor({
      services: plan.services,
      home: mode === 'production' ? null : home,
      restart: mode === 'development',
      stopSignal,
      onChange: () => this.#save(),
      onEvent: (event) => {
        report(eventLine(event));
        if (event.kind === 'crashed' && event.restartInMs === null) this.#crash.resolve(true);
      },
    });
    await this.#supervisor.start();
    this.#phase = 'running';
    this.#save();
    onUp(plan);
  }

  #untilStopped(): Promise<false> {
    const { stopSignal } = this.#options;
    return new Promise((resolve) => {
      if (stopSignal.aborted) resolve(false);
      stopSignal.addEventListener('abort', () => resolve(false));
    });
  }

  async #end(): Promise<void> {
    this.#phase = 'stopping';
    this.#save();
    await this.#supervisor?.stop();
    removeState(this.#options.home);
  }
}

/**
 * Runs a plan until it is asked to stop, or (in production) until one of its services ends. Whoever calls holds
 * the run lock.
 * @returns the exit status for the process
 */
export async function keepRunning(options: Options): Promise<number> {
  const left = await cleanLeftovers(options.home);
  if (left > 0) options.report(note(`An interrupted run had left ${left} running: stopped.`));
  return new Run(options).run();
}
