import type { FaultCode } from '../../shared/errors.ts';

/** Why the agent says goodbye without having been asked to. */
export type GoodbyeReason =
  | 'time_used_up'
  | 'billing_unreachable'
  | 'silence'
  | 'provider_outage'
  | 'conversation_failed';

/** Something for sale, or just being bought. `amount` is in the smallest unit of the currency. */
type SpokenOffer = { name: string; seconds: number; amount: number; currency: string };

/** What is said while a caller dictates an activation code. `heard` is what was understood of it. */
export type DictationSentences = {
  ask: string;
  askFromStart: string;
  /** @param group 0 to 2 */
  unclear(group: number): string;
  goOn(heard: string): string;
  slip(heard: string): string;
  confirm(heard: string): string;
  /** @param message what the giver wrote */
  activated(isRepeated: boolean, remainingSeconds: number, message: string | undefined): string;
};

/** Everything that the agent says in words of ours, in one language, ready to be spoken. */
export type Sentences = {
  greeting(remainingSeconds: number, expiringSeconds: number): string;
  welcomeBack: string;
  apology: string;
  /** In front of an answer that comes late because a provider failed. */
  sorryForTheWait: string;
  /** In front of an answer that begins anew because it broke off. */
  letMeStartAgain: string;
  notHeard: string;
  areYouThere: string;
  otherCall: string;
  warning(remainingSeconds: number): string;
  timeAdded(remainingSeconds: number): string;
  deskOpens(freeSeconds: number): string;
  thanksForTime(remainingSeconds: number): string;
  farewell: string;
  goodbyes: Readonly<Record<GoodbyeReason, string>>;
  balance(remainingSeconds: number, expiringSeconds: number): string;
  packages(offers: readonly SpokenOffer[]): string;
  /** @param worth what the time used would cost in the package named; undefined: nothing is for sale */
  cost(usedSeconds: number, worth: Omit<SpokenOffer, 'seconds'> | undefined): string;
  summary(usedSeconds: number, remainingSeconds: number): string;
  checkout(offer: SpokenOffer): string;
  /** Where the agent takes no activation codes. */
  codeElsewhere: string;
  /** Undefined in languages in which nobody here can read a code that is spelled. */
  dictation: DictationSentences | undefined;
  /** @param notes what the caller once told, without a full stop, in whatever words it was kept */
  remembered(notes: readonly string[]): string;
  /** Asks before something is forgotten. `note`: as in `remembered`. */
  forgetThis(note: string): string;
  forgetEverything: string;
  forgotten: string;
  notForgotten: string;
  callForgotten: string;
  restForgotten: string;
  faults: Readonly<Record<FaultCode, string>>;
};

/** How a language says figures, which its sentences are made of. */
export type SpokenFigures = {
  duration(seconds: number): string;
  price(amount: number, currency: string): string;
};
