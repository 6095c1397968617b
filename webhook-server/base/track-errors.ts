import type { ErrorEvent } from '@sentry/node';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from './dependencies.ts';
import { describeFailure } from './failures.ts';
import { onceFor } from './once-for.ts';

/** What is told of an error besides itself: names and codes, never a value of somebody's. */
type Circumstances = {
  /** The domain: `verification`, `billing`, `keys` and so on. */
  area: string;
  /** The pattern of the route with its method, or the kind of the job. */
  where: string;
  code?: string;
  requestId?: string;
};

export type ErrorTracker = {
  capture(error: unknown, circumstances: Circumstances): void;
  /** Waits until what was captured has been sent, a short while at most. */
  flush(): Promise<void>;
};

const OFF: ErrorTracker = { capture: () => {}, flush: async () => {} };
/** An outage is one problem, however many meet it: figures count them. */
const MOST_PER_MINUTE = 30;
const FLUSH_MS = 2_000;

/** Nothing but this leaves the house, whatever a version of the SDK adds by itself. */
function onlyWhatIsNamed(event: ErrorEvent): ErrorEvent {
  const { type, event_id, timestamp, platform, level, environment, release, tags, exception, sdk } = event;
  const values = exception?.values?.map(({ type, value, stacktrace, mechanism }) => ({
    type,
    value,
    mechanism,
    // Frames without the values of variables and without lines of the source.
    stacktrace: {
      frames: stacktrace?.frames?.map(({ filename, function: name, lineno, colno, in_app, module }) => ({
        filename,
        function: name,
        lineno,
        colno,
        in_app,
        module,
      })),
    },
  }));
  const known = { event_id, timestamp, platform, level, environment, release, tags, sdk };
  const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  return { type, ...given, exception: { values } } as ErrorEvent;
}

/** The error as it may be shown: its words without what they are known to quote, and where it happened. */
function shown(error: unknown): Error {
  const cause = error instanceof Fault ? (error.cause ?? error) : error;
  const copy = new Error(describeFailure(error));
  copy.name = cause instanceof Error ? cause.name : 'Error';
  if (cause instanceof Error && cause.stack !== undefined) copy.stack = cause.stack;
  return copy;
}

/** The SDK is loaded where there is somewhere to send to, and only its client: it hooks into nothing by itself. */
async function createClient(dsn: string, { ENVIRONMENT, RELEASE }: Dependencies['config']) {
  const { NodeClient, Scope, defaultStackParser, makeNodeTransport } = await import('@sentry/node');
  const client = new NodeClient({
    dsn,
    environment: ENVIRONMENT,
    ...(RELEASE !== undefined && { release: RELEASE }),
    integrations: [],
    transport: makeNodeTransport,
    stackParser: defaultStackParser,
    sendDefaultPii: false,
    sendClientReports: false,
    includeServerName: false,
    beforeSend: onlyWhatIsNamed,
  });
  client.init();
  return { client, Scope };
}

function createTracker({ config, logger }: Dependencies): ErrorTracker {
  if (config.SENTRY_DSN === undefined) return OFF;
  const loading = createClient(config.SENTRY_DSN, config);
  loading.catch(() => logger.error('errors cannot be reported: the SDK does not load'));
  let minute = 0;
  let sent = 0;
  return {
    capture(error, { area, where, code, requestId }) {
      const now = Math.floor(performance.now() / 60_000);
      if (now !== minute) [minute, sent] = [now, 0];
      if (++sent > MOST_PER_MINUTE) return;
      const copy = shown(error);
      loading.then(
        ({ client, Scope }) => {
          const scope = new Scope();
          scope.setClient(client);
          scope.setTags({ area, where, ...(code && { code }), ...(requestId && { request_id: requestId }) });
          client.captureException(copy, undefined, scope);
        },
        () => {},
      );
    },
    flush: () =>
      loading
        .then(({ client }) => client.flush(FLUSH_MS))
        .then(
          () => {},
          () => {},
        ),
  };
}

/** Where errors of this process are reported: to the project of `SENTRY_DSN`, or nowhere. */
export const errorsOf = onceFor(createTracker);
