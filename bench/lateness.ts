const BUCKET_MS = 0.1;
const BUCKETS = 1_200_000;

/** A histogram of lateness in tenths of a millisecond up to two minutes, and the worst of each second. */
export class Lateness {
  readonly #buckets = new Uint32Array(BUCKETS);
  readonly #worstOfSecond: number[] = [];
  #count = 0;
  #maxMs = 0;

  /** @param atMs since the start of the run, when the renewal was due */
  add(latenessMs: number, atMs: number): void {
    const bucket = Math.min(BUCKETS - 1, Math.max(0, Math.floor(latenessMs / BUCKET_MS)));
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#maxMs = Math.max(this.#maxMs, latenessMs);
    const second = Math.floor(atMs / 1000);
    this.#worstOfSecond[second] = Math.max(this.#worstOfSecond[second] ?? 0, latenessMs);
  }

  get count(): number {
    return this.#count;
  }

  get maxMs(): number {
    return this.#maxMs;
  }

  /** Upper end of the bucket that holds this share of all. */
  percentileMs(share: number): number {
    let left = Math.ceil(this.#count * share);
    const bucket = this.#buckets.findIndex((inBucket) => {
      left -= inBucket;
      return left <= 0;
    });
    return (bucket + 1) * BUCKET_MS;
  }

  /** Worst lateness in milliseconds of what was due in each second. */
  worstOfSeconds(): number[] {
    return Array.from(this.#worstOfSecond, (worst) => worst ?? 0);
  }
}
