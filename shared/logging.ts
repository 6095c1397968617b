import { type Logger, pino } from 'pino';

/**
 * The process's log: JSON lines on stdout. What people say and what opens doors is never written;
 * the paths here are the second line of defence behind not logging it at all.
 */
export function createLogger(name: string, level: string): Logger {
  return pino({
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
  });
}
