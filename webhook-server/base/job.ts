import type { Dependencies } from './dependencies.ts';

/** One effect that is owed, as its handler sees it. */
type Job = {
  id: string;
  /** Unique: what an effect is to be recognised by when it is repeated. */
  key: string;
  payload: unknown;
  /** 1 for the first. */
  attempt: number;
  ageSeconds: number;
};

/**
 * Does what is owed, and says in a word what became of it. It is called again when it throws, and also when it
 * succeeded and the process died before that was noted: it has to be harmless to repeat.
 * @throws PermanentError where no repeat can help; anything else is tried again
 */
export type JobHandler = (deps: Dependencies, job: Job) => Promise<string>;

/** What is done again and again, whoever is calling. One replica at a time does it. */
export type PeriodicJob = {
  /** Unique among all replicas. */
  name: string;
  run(): Promise<void>;
} & (
  | {
      /** As crontab(5) has it, in UTC: to the minute, which is as often as it gets. */
      cron: string;
    }
  | {
      /** Asked after each run, for what must run more often, or not so often: how long to wait. */
      nextInSeconds(): Promise<number>;
    }
);
