import type { Logger } from 'pino';
import type { CallMeasures } from './call-measures.ts';
import type { Measuring } from './measure-call.ts';

/** The measures to send with a bill, or undefined: a bill without measures is a bill, and must not wait for them. */
export function measuresForBill(
  measuring: Measuring,
  logger: Logger,
): (endReason: string) => CallMeasures | undefined {
  return (endReason) => {
    try {
      return measuring.measures(endReason);
    } catch (error) {
      logger.warn({ err: error }, 'call not measured');
      return undefined;
    }
  };
}
