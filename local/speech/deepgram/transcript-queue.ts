/**
 * Keeps transcripts in order: final ones arrive as they were spoken, and an interim one never after the final
 * one of its utterance.
 */
export class TranscriptQueue {
  readonly #transcribe: (audio: Int16Array) => Promise<string>;
  readonly #onFailure: (error: unknown) => void;
  #tail: Promise<void> = Promise.resolve();
  #finals = 0;
  #isInterimUnderWay = false;

  constructor(transcribe: (audio: Int16Array) => Promise<string>, onFailure: (error: unknown) => void) {
    this.#transcribe = transcribe;
    this.#onFailure = onFailure;
  }

  /** Transcribes an utterance that goes on. Skipped on a slow machine: rare interim results are better than late ones. */
  addInterim(audio: Int16Array, deliver: (text: string) => void): void {
    if (this.#isInterimUnderWay) return;
    this.#isInterimUnderWay = true;
    const finalsBefore = this.#finals;
    this.#transcribe(audio)
      .then((text) => {
        if (finalsBefore === this.#finals && text !== '') deliver(text);
      })
      .catch(this.#onFailure)
      .finally(() => {
        this.#isInterimUnderWay = false;
      });
  }

  /** Transcribes an utterance that is over. The text is '' when it was no speech after all. */
  addFinal(audio: Int16Array, deliver: (text: string) => void): void {
    this.#finals++;
    const text = this.#transcribe(audio);
    this.#tail = this.#tail.then(async () => deliver(await text)).catch(this.#onFailure);
  }

  /** Runs a step once all final transcripts added so far are delivered. */
  addStep(step: () => void): void {
    this.#tail = this.#tail.then(step).catch(this.#onFailure);
  }
}
