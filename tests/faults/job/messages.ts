import type { CallEnd } from '../../../agent/call/call-state.ts';
import type { Presence } from '../../../agent/call/line.ts';

/** What the harness tells a worker process of its own. */
export type Order =
  | { do: 'call'; callId: string; userId: string }
  | { do: 'move'; callId: string; to: Presence };

/** What such a process tells the harness; `atMs` is by the machine's monotonic clock. */
export type Report =
  | { what: 'ready' }
  | { callId: string; atMs: number; what: 'heard' | 'present' | 'away' | 'stopped' }
  | { callId: string; atMs: number; what: 'ended'; end: CallEnd };

/** The address and the scaled-down constants of a worker process, by its environment. */
export type HostSettings = {
  databaseUrl: string;
  secretKey: string;
  sliceSeconds: number;
  leaseMarginSeconds: number;
  reconnectGraceSeconds: number;
  workerId: string;
  variant?: string | undefined;
};
