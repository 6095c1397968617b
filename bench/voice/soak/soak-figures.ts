/** What was held of all the workers together, when no call was going on. */
export type Sample = {
  /** Calls that had ended by then. */
  calls: number;
  workerBytes: number;
  inferenceBytes: number;
  openFiles: number;
  /** What Node counts as active: timers, sockets, pipes. */
  handles: number;
  processes: number;
  zombies: number;
};

/** One call as its caller saw it. */
export type SoakCall = {
  callId: string;
  /** On the caller's own clock, from the first sound to hanging up. */
  presentMs: number;
  isGreeted: boolean;
  unanswered: number;
};

/** One call as the database has it. */
export type StoredCall = {
  id: string;
  status: string;
  settled_by: string | null;
  end_reason: string | null;
  charged_seconds: number | null;
  used_ms: number;
  restored_ms: number;
  /** By the windows of its receipt, from the first word on. */
  free_ms: number;
};

export type SoakFigures = {
  sliceSeconds: number;
  calls: SoakCall[];
  stored: StoredCall[];
  samples: Sample[];
  /** What the audit of the books found. */
  violations: { invariant: string; detail: string }[];
  /** How the workers ended when they were asked to. */
  exits: string[];
  /** Processes of theirs that were there after that, and ports that still answered. */
  left: { processes: number; ports: number };
};
