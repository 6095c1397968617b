/** Deliveries that are held together for a while and then released newest first. */
export class HeldDeliveries {
  readonly #release: (ids: readonly number[]) => void;
  #ids: number[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(release: (ids: readonly number[]) => void) {
    this.#release = release;
  }

  /** @param delayMs counts from the first one that is held. */
  hold(id: number, delayMs: number): void {
    this.#ids.push(id);
    this.#timer ??= setTimeout(() => {
      const ids = this.#ids.reverse();
      this.#ids = [];
      this.#timer = undefined;
      this.#release(ids);
    }, delayMs);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
