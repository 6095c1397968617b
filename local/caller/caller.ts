/** Receives what the agent says: 16-bit mono samples as they arrive, silence included. */
export type AudioListener = (samples: Int16Array, sampleRate: number) => void;

/** A caller made of software, at the other end of a call. */
export type SyntheticCaller = {
  /** Speaks at the pace of real time; comes back when the last sample has left. */
  speak(samples: Int16Array, sampleRate: number): Promise<void>;
  /** Messages of the agent to the caller's client. */
  messages: readonly unknown[];
  /** When the agent said that nothing is billed any more, in milliseconds of `performance.now()`. */
  meterStoppedAtMs(): number | undefined;
  hangUp(): Promise<void>;
};
