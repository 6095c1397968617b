import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isAlive } from './process-identity.ts';

const identity = z.object({ pid: z.int().positive(), startTime: z.string() });

const nullableText = z.string().nullable();

/** What `status --json` prints. Secrets are those of local stand-ins; a real service's are null. */
const statusDocument = z.object({
  sidecar: z.object({ url: z.string() }),
  agent: z.object({ health_url: nullableText }),
  supabase: z.object({ url: z.string(), publishable_key: z.string(), secret_key: nullableText }),
  stripe: z.object({ api_url: z.string(), secret_key: nullableText, webhook_secret: nullableText }),
  /** Where e-mail stays on a machine without an SMTP server. */
  mailbox: z.object({ url: z.string() }).nullable(),
  livekit: z.object({ url: z.string(), api_key: nullableText, api_secret: nullableText }).nullable(),
});

export type StatusDocument = z.infer<typeof statusDocument>;

const runState = z.object({
  mode: z.enum(['development', 'production']),
  phase: z.enum(['starting', 'running', 'stopping']),
  supervisor: identity,
  startedAt: z.iso.datetime(),
  services: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      address: z.string().optional(),
      process: identity,
      isReady: z.boolean(),
      restarts: z.int().min(0),
      startedAt: z.iso.datetime(),
    }),
  ),
  /** What to open and where, for people. */
  addresses: z.array(z.object({ label: z.string(), url: z.string() })),
  /** Null until it is known what will run. */
  status: statusDocument.nullable(),
});

/** What one run has started, and where; kept in `run/state.json`. */
export type RunState = z.infer<typeof runState>;

const file = (home: string) => join(home, 'run', 'state.json');

/** The last state written, whether or not its processes still live; undefined when there is none that can be read. */
export function readState(home: string): RunState | undefined {
  try {
    const parsed = runState.safeParse(JSON.parse(readFileSync(file(home), 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** The state of the run that is going on; a state whose supervisor is dead is stale and does not count. */
export function readLiveState(home: string): RunState | undefined {
  const state = readState(home);
  return state !== undefined && isAlive(state.supervisor) ? state : undefined;
}

/** Replaces the state in one step: a reader sees the old or the new, never a half. It holds local keys: 0600. */
export function writeState(home: string, state: RunState): void {
  writeFileSync(`${file(home)}.new`, JSON.stringify(state, null, 2), { mode: 0o600 });
  renameSync(`${file(home)}.new`, file(home));
}

export function removeState(home: string): void {
  rmSync(file(home), { force: true });
}
