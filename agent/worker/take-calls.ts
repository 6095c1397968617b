import type { JobRequest } from '@livekit/agents';
import type { Logger } from 'pino';
import { dispatchMetadata } from '../../shared/api/calls.ts';
import type { Clock } from '../../shared/clock.ts';
import type { CallRight, WantedCall } from '../../shared/time/may-call.ts';
import { within } from '../../shared/within.ts';
import { admit, besideStarts, type Seat, type SeatLimits, type SeatStage, stillThere } from './seats.ts';
import type { senderAway } from './send-away.ts';
import { ANSWER_WITHIN_MS, isStarved, noStarts, startFailed } from './starts.ts';

/** How long the database may take to say whether a call may begin. Without an answer the job finds out itself. */
const ASKED_WITHIN_MS = 1_000;

type Options = {
  limits: SeatLimits;
  mayCall(wanted: WantedCall): Promise<CallRight>;
  sendAway: ReturnType<typeof senderAway>;
  /** Ids of the jobs that have a process. */
  running(): ReadonlySet<string>;
  /** A call was not taken, or its start failed. */
  onRefused(reason: string): void;
  clock: Clock;
  logger: Logger;
};

type Request = Pick<JobRequest, 'id' | 'accept' | 'reject' | 'room'> & { job: { metadata: string } };

/** Who is wanted where; undefined when the sidecar has not written it. */
function readWanted({ job, room }: Request): WantedCall | undefined {
  try {
    const {
      call_id: callId,
      user_id: userId,
      tenant_id: tenantId,
    } = dispatchMetadata.parse(JSON.parse(job.metadata));
    return { callId, userId, tenantId, roomName: room?.name ?? '' };
  } catch {
    return undefined;
  }
}

/**
 * Takes the calls that LiveKit offers to this worker, before any process is spent on them: `seats.ts` decides whose,
 * the database whether they have a right to talk. Whoever is not served is told so, free of charge.
 */
export class CallTaker {
  readonly #o: Options;
  #seats: readonly Seat[] = [];
  #starts = noStarts;

  constructor(options: Options) {
    this.#o = options;
  }

  get isStarved(): boolean {
    return isStarved(this.#starts, this.#now(), this.#o.clock.nowMs());
  }

  /** LiveKit's offer of one job. */
  readonly offered = async (request: Request): Promise<void> => {
    const wanted = readWanted(request);
    if (!wanted) return request.reject();
    const { clock, limits, sendAway } = this.#o;
    const verdict = admit(this.#now(), wanted.userId, limits, clock.nowMs());
    if (!verdict.take) return this.#refuse(request, wanted, verdict.why);
    // From here on it counts, also while the database is asked: many may be offered at once.
    this.#put(request.id, wanted);
    const right = await this.#rightOf(request.id, wanted);
    if (right !== 'open') {
      this.#forget(request.id);
      return this.#refuse(request, wanted, right);
    }
    if (verdict.drop) {
      this.#forget(verdict.drop.jobId);
      void sendAway({ ...verdict.drop, reason: 'busy' });
    }
    clock.after(ANSWER_WITHIN_MS, () => this.#isLate(request.id, wanted));
    await request.accept();
    this.#change(request.id, { isLaunched: true });
  };

  /** A job tells how far its call is. */
  reached(callId: string, stage: SeatStage): void {
    const seat = this.#seats.find((one) => one.callId === callId);
    if (!seat) return;
    this.#starts = noStarts;
    this.#change(seat.jobId, { stage });
  }

  #now(): readonly Seat[] {
    this.#seats = stillThere(this.#seats, this.#o.running(), this.#o.clock.nowMs());
    return this.#seats;
  }

  #put(jobId: string, { callId, userId, roomName }: WantedCall): void {
    const sinceMs = this.#o.clock.nowMs();
    const seat: Seat = {
      jobId,
      callId,
      roomName,
      userId,
      stage: 'starting',
      sinceMs,
      isLaunched: false,
    };
    this.#seats = [...this.#seats, seat];
  }

  #change(jobId: string, part: Partial<Seat>): void {
    this.#seats = this.#seats.map((seat) => (seat.jobId === jobId ? { ...seat, ...part } : seat));
  }

  #forget(jobId: string): void {
    this.#seats = this.#seats.filter((seat) => seat.jobId !== jobId);
  }

  async #rightOf(jobId: string, wanted: WantedCall): Promise<string> {
    const { clock, limits, logger, mayCall } = this.#o;
    const asking = mayCall(wanted).catch((error: unknown) => {
      logger.warn({ err: error }, 'nobody could say whether a call may begin');
      return undefined;
    });
    const right = await within(asking, ASKED_WITHIN_MS, clock);
    if (right?.status !== 'open') return right?.status ?? 'open';
    return besideStarts(this.#now(), { jobId, ...wanted }, right.books, limits.perPerson);
  }

  async #refuse(request: Request, wanted: WantedCall, reason: string): Promise<void> {
    const { clock, onRefused, sendAway } = this.#o;
    onRefused(reason);
    await request.reject();
    if (reason !== 'busy') return void sendAway({ ...wanted, reason });
    // Another worker may have a place.
    const away = { ...wanted, reason: 'nobody_answered', unlessAnswered: true };
    clock.after(ANSWER_WITHIN_MS, () => void sendAway(away));
  }

  /** Its process has not come, and the caller hears nothing: a call that begins now would begin with a reproach. */
  #isLate(jobId: string, wanted: WantedCall): void {
    const seat = this.#seats.find((one) => one.jobId === jobId);
    if (seat?.stage !== 'starting') return;
    const { clock, onRefused, sendAway } = this.#o;
    onRefused('nobody_answered');
    this.#starts = startFailed(this.#starts, clock.nowMs());
    void sendAway({ ...wanted, reason: 'nobody_answered', unlessAnswered: true });
  }
}
