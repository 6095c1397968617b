import type { FaultCode } from '../../shared/errors.ts';

/** Why the agent says goodbye without having been asked to. */
export type GoodbyeReason =
  | 'time_used_up'
  | 'billing_unreachable'
  | 'silence'
  | 'provider_outage'
  | 'conversation_failed';

/** What the agent says in words of ours and by no tool, in one language, ready to be spoken. */
export type Sentences = {
  greeting(remainingSeconds: number, expiringSeconds: number): string;
  /** That so much of the caller's time expires within a week. */
  expiresSoon(seconds: number): string;
  welcomeBack: string;
  /** The same to a caller whose line dies again and again. */
  unsteadyLine: string;
  apology: string;
  /** In front of an answer that comes late because a provider failed. */
  sorryForTheWait: string;
  /** In front of an answer that begins anew because it broke off. */
  letMeStartAgain: string;
  notHeard: string;
  areYouThere: string;
  otherCall: string;
  /** That who pays has reached a threshold of their plan. */
  spendWarning: string;
  warning(remainingSeconds: number): string;
  timeAdded(remainingSeconds: number): string;
  deskOpens(freeSeconds: number): string;
  thanksForTime(remainingSeconds: number): string;
  farewell: string;
  goodbyes: Readonly<Record<GoodbyeReason, string>>;
  /** That so much time was used and paid back, so that what is bought next pays it first. */
  owed(seconds: number): string;
  /** What is said where the caller asks for something that is not remembered. */
  nothingRemembered: string;
  faults: Readonly<Record<FaultCode, string>>;
};

/** How a language says figures, which its sentences are made of. */
export type SpokenFigures = {
  duration(seconds: number): string;
  price(amount: number, currency: string): string;
  count(things: number): string;
};
