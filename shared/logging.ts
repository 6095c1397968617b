import { type DestinationStream, type Logger, pino } from 'pino';

/**
 * The process's log: JSON lines on stdout. What people say and what opens doors is never written;
 * the paths here are the second line of defence behind not logging it at all.
 * @param to stdout unless given
 */
export function createLogger(name: string, level: string, to?: DestinationStream): Logger {
  const options = {
    name,
    level: level.toLowerCase(),
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        'req.headers.authorization',
        'req.headers.cookie',
        'req.headers["stripe-signature"]',
        'client_secret',
        'code',
        'activation_code',
        'transcript',
      ],
      censor: '[not logged]',
    },
  };
  return to === undefined ? pino(options) : pino(options, to);
}
