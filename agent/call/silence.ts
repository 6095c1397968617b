import type { Activity } from '../speech/watch-activity.ts';
import type { CallOptions } from './call-options.ts';

type SilenceEvents = {
  /** Whether the caller is there to break it. */
  isMinded(): boolean;
  giveUp(): void;
};

/** Nobody shall pay for hold music: minds when nothing is said, asks once, and gives up then. */
export class Silence {
  readonly #o: CallOptions;
  readonly #events: SilenceEvents;
  #isQuiet = true;
  #hasAsked = false;
  #cancel: () => void = () => {};

  constructor(options: CallOptions, events: SilenceEvents) {
    this.#o = options;
    this.#events = events;
    options.conversation.onActivity?.((activity) => this.#noticed(activity));
  }

  /** Silence begins now or anew, or is not minded any more. */
  look(): void {
    this.#cancel();
    const { clock, conversation, sentences, settings } = this.#o;
    const { silenceAskSeconds = 0, silenceGoodbyeSeconds = 0 } = settings;
    if (silenceAskSeconds === 0 || !this.#isQuiet || !this.#events.isMinded()) return;
    const waitSeconds = this.#hasAsked ? silenceGoodbyeSeconds : silenceAskSeconds;
    this.#cancel = clock.after(waitSeconds * 1000, () => {
      if (this.#hasAsked) return this.#events.giveUp();
      this.#hasAsked = true;
      this.look();
      conversation.say(sentences.areYouThere);
    });
  }

  #noticed(activity: Activity): void {
    if (activity === 'agent_busy') this.#isQuiet = false;
    if (activity === 'agent_quiet') this.#isQuiet = true;
    // A noise restarts the silence, so that nobody is asked in the middle of a sentence; only words end it.
    if (activity === 'words') this.#hasAsked = false;
    this.look();
  }
}
