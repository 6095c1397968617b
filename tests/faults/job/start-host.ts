import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CallEnd } from '../../../agent/call/call-state.ts';
import type { Presence } from '../../../agent/call/line.ts';
import { monotonicMs, PresenceClock } from '../presence-clock.ts';
import type { HostSettings, Order, Report } from './messages.ts';

const HOST = fileURLToPath(new URL('./host.ts', import.meta.url));

/** One call in a worker process, as the harness sees it. */
export type HostedCall = {
  callId: string;
  presence: PresenceClock;
  /** Settles with the first word that the caller hears; rejects when the call ends without one. */
  heard: Promise<void>;
  /** When nothing was served any more because the meter had stopped by itself. */
  stoppedAtMs(): number | undefined;
  /** Never settles when the process dies before. */
  ended: Promise<CallEnd>;
  move(to: Presence): void;
};

type CallReport = Exclude<Report, { what: 'ready' }>;
type Tracked = HostedCall & { take(report: CallReport): void };

function track(callId: string, send: (order: Order) => void): Tracked {
  const presence = new PresenceClock();
  const heard = Promise.withResolvers<void>();
  // Not everybody waits for it.
  heard.promise.catch(() => {});
  const ended = Promise.withResolvers<CallEnd>();
  let hasHeard = false;
  let isHere = true;
  let stoppedAtMs: number | undefined;
  return {
    callId,
    presence,
    heard: heard.promise,
    ended: ended.promise,
    stoppedAtMs: () => stoppedAtMs,
    move: (to) => send({ do: 'move', callId, to }),
    take(report) {
      if (report.what === 'heard') {
        hasHeard = true;
        heard.resolve();
      }
      if (report.what === 'present' || report.what === 'away') isHere = report.what === 'present';
      // A first word may be on its way to somebody who has just left.
      if (hasHeard && isHere && stoppedAtMs === undefined) presence.start(report.atMs);
      if (report.what === 'away') presence.stop(report.atMs);
      if (report.what === 'stopped' || report.what === 'ended') {
        presence.stop(report.atMs);
        stoppedAtMs ??= report.atMs;
      }
      if (report.what !== 'ended') return;
      heard.reject(new Error(`the call ended as ${report.end.reason}, and not a word was heard`));
      ended.resolve(report.end);
    },
  };
}

/**
 * Starts a worker process without a media server.
 * @param options.preload a module that the process loads first
 */
export async function startHost(settings: Omit<HostSettings, 'workerId'>, preload?: string, variables = {}) {
  const full: HostSettings = { ...settings, workerId: randomUUID() };
  const child = fork(HOST, {
    execArgv: preload === undefined ? [] : ['--import', preload],
    env: { PATH: process.env.PATH, FAULTS_HOST: JSON.stringify(full), ...variables },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const calls = new Map<string, Tracked>();
  const ready = Promise.withResolvers<void>();
  child.on('message', (report: Report) => {
    if (report.what === 'ready') ready.resolve();
    else calls.get(report.callId)?.take(report);
  });
  void exited.then(() => ready.reject(new Error('a worker process did not start')));
  await ready.promise;
  const send = (order: Order) => {
    // A process that died by itself shows as a call that never ends.
    if (child.connected) child.send(order, () => {});
  };
  return {
    /** Serves a caller who is on the line already. */
    call(userId: string, callId: string = randomUUID()): HostedCall {
      const call = track(callId, send);
      calls.set(callId, call);
      send({ do: 'call', callId, userId });
      return call;
    },
    /** `kill -9`. @returns when it was sent, by the monotonic clock */
    async kill(): Promise<number> {
      const atMs = monotonicMs();
      child.kill('SIGKILL');
      await exited;
      for (const { presence } of calls.values()) presence.stop(atMs, monotonicMs());
      return atMs;
    },
    freeze(): void {
      const atMs = monotonicMs();
      child.kill('SIGSTOP');
      for (const { presence } of calls.values()) presence.pause(atMs);
    },
    thaw(): void {
      for (const { presence } of calls.values()) presence.resume(monotonicMs());
      child.kill('SIGCONT');
    },
  };
}

export type Host = Awaited<ReturnType<typeof startHost>>;
