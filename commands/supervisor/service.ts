import type { Address } from '../basics/reporter.ts';
import type { StatusDocument } from './state-file.ts';

/** How a service says that it is ready: an address that answers 200, or a line of JSON with `"ready": true`. */
type Readiness = { http: string } | { line: true };

/** One process that the supervisor keeps. Plain data, so that tests can bring their own. */
export type Service = {
  /** Short name, also of its log file and for `logs <name>`. */
  name: string;
  /** What people read. */
  label: string;
  /** Arguments of our own Node: the file to run first. */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  readiness: Readiness;
  /** Names of services that must be ready before it starts, and that are stopped after it. */
  after: readonly string[];
  readyWithinMs: number;
  /** How long it may take to end after SIGTERM before it is killed with its whole process group. */
  graceMs: number;
  /** Where people find it, printed when it is ready. */
  address?: string;
};

/** All that one run starts, and what it tells people about it. */
export type RunPlan = {
  mode: 'development' | 'production';
  services: readonly Service[];
  addresses: readonly Address[];
  status: StatusDocument;
  /** What to know before the first call. */
  notes?: readonly string[];
};
