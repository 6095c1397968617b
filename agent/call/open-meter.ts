import type { Opening } from './billing.ts';
import type { CallOptions } from './call-options.ts';
import { Meter } from './meter.ts';
import type { MeterOptions } from './meter-options.ts';
import type { Timeline } from './timeline.ts';

type MeterRole = Required<Pick<MeterOptions, 'restPhase'>> & Omit<MeterOptions['events'], 'failed'>;

/** The meter of a call that was opened. It runs from now on, and tells the operator what the database does not answer. */
export function openMeter(
  { billing, clock, settings, logger, onRenewalFailed }: CallOptions,
  timeline: Timeline,
  opening: Opening,
  { restPhase, ...events }: MeterRole,
): Meter {
  return new Meter({
    billing,
    timeline,
    clock,
    sliceSeconds: settings.sliceSeconds,
    grant: opening,
    expiringSeconds: opening.expiringSeconds,
    restPhase,
    events: {
      ...events,
      failed(error) {
        logger.warn({ err: error }, 'renewal got no answer');
        onRenewalFailed();
      },
    },
  });
}
