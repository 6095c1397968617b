import type { Grant, Opening } from '../../agent/call/billing.ts';
import * as pure from '../../agent/call/meter.ts';
import { endTimeline } from '../../agent/call/timeline.ts';
import type { Interruption, Phase } from '../../agent/call/windows.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeBilling } from './fake-billing.ts';

export const SLICE_SECONDS = 30;

export type MeterEvents = {
  changed(): void;
  stop(reason: pure.StopReason): void;
  resumed(): void;
  failed(): void;
};

/** The meter alone, driven as a call drives it: reports go to the database, and what is due comes in time. */
export function drivenMeter(clock: FakeClock, billing: FakeBilling, opening: Opening, events: MeterEvents) {
  const due = new Map<string, { atMs: number; cancel: () => void }>();
  const underWay = new Map<number, Promise<void>>();
  let meter = pure.newMeter(SLICE_SECONDS, 'goodbye', clock.nowMs());

  function become(next: pure.Meter): void {
    meter = next;
    wake('renewal', meter.renewAtMs, () => send(pure.renew(meter, clock.nowMs())));
    wake('grant', meter.grantEndsAtMs, grantEnds);
  }
  function wake(name: string, atMs: number | undefined, callback: () => void): void {
    if (due.get(name)?.atMs === atMs) return;
    due.get(name)?.cancel();
    due.delete(name);
    if (atMs === undefined) return;
    const cancel = clock.after(atMs - clock.nowMs(), () => {
      due.delete(name);
      callback();
    });
    due.set(name, { atMs, cancel });
  }
  function grantEnds(): void {
    const [next, reason] = pure.grantEnds(meter, clock.nowMs());
    become(next);
    if (reason === undefined) return;
    events.stop(reason);
    report();
  }
  function send([next, request]: ReturnType<typeof pure.report>): void {
    become(next);
    if (!request) return;
    const asking = billing.renew(request.usedMs, request.restoredMs).then(
      (grant) => answered(request.id, grant ?? 'fenced'),
      () => {
        if (!meter.isClosed) events.failed();
        answered(request.id, 'unanswered');
      },
    );
    underWay.set(request.id, asking);
  }
  function answered(id: number, answer: pure.RenewalAnswer): void {
    const [next, outcome] = pure.answered(meter, id, answer, clock.nowMs());
    become(next);
    if (outcome === 'fenced') events.stop('fenced');
    if (outcome === 'changed' || outcome === 'resumed') events.changed();
    if (outcome === 'resumed') events.resumed();
  }
  const report = () => send(pure.report(meter, clock.nowMs()));

  become(pure.openMeter(meter, opening, clock.nowMs()));
  return {
    enter(phase: Phase) {
      if (!pure.mayEnter(meter, phase)) return;
      become(pure.enter(meter, phase, clock.nowMs()));
      events.changed();
    },
    restoreSince(sinceMs: number, reason: Interruption) {
      const spell = { fromMs: sinceMs, toMs: clock.nowMs() };
      become(pure.restore(meter, spell, reason, clock.nowMs()));
      report();
    },
    report,
    async renew() {
      send(pure.renew(meter, clock.nowMs()));
      await underWay.get(meter.sharedRenewal ?? 0);
    },
    close: () => become(pure.closeMeter(meter)),
    /** Ends the last window. */
    endTimeline: () => become({ ...meter, timeline: endTimeline(meter.timeline, clock.nowMs()) }),
    usedMs: () => pure.usedMs(meter, clock.nowMs()),
    restoredMs: () => pure.restoredMs(meter, clock.nowMs()),
    chargedMs: () => pure.chargedMs(meter, clock.nowMs()),
    windows: () => pure.receiptWindows(meter, clock.nowMs()),
    remainingSeconds: () => pure.remainingSeconds(meter, clock.nowMs()),
    expiringSeconds: () => pure.expiringSeconds(meter, clock.nowMs()),
    get grant(): Grant {
      return meter.grant;
    },
    get timeline() {
      return meter.timeline;
    },
  };
}

/** A meter that is open at a billing of its own, on a clock of its own. */
export async function openMeter(ownedSeconds = 3600, expiringSeconds = 0) {
  const clock = new FakeClock();
  const billing = new FakeBilling(clock, { ownedSeconds, sliceSeconds: SLICE_SECONDS });
  billing.expiringSeconds = expiringSeconds;
  const stops: pure.StopReason[] = [];
  let failures = 0;
  let changes = 0;
  let resumes = 0;
  const meter = drivenMeter(clock, billing, await billing.open(), {
    changed: () => changes++,
    stop: (reason) => stops.push(reason),
    resumed: () => resumes++,
    failed: () => failures++,
  });
  return {
    clock,
    billing,
    meter,
    stops,
    failures: () => failures,
    changes: () => changes,
    resumes: () => resumes,
  };
}
