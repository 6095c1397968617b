const RESAMPLES = 1000;

/** Numbers between 0 and 1 (Mulberry32), the same for the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** 95 % interval of a figure of pairs, by drawing as many pairs again and again (a percentile bootstrap). */
export function interval<Pair>(
  pairs: readonly Pair[],
  figure: (pairs: Pair[]) => number,
): [low: number, high: number] {
  // Always the same, so that the same figures have the same interval.
  const random = createRandom(1);
  const draws = Array.from({ length: RESAMPLES }, () => {
    const drawn = pairs.map(() => pairs[Math.floor(random() * pairs.length)] as Pair);
    return figure(drawn);
  }).toSorted((a, b) => a - b);
  return [
    draws[Math.floor(RESAMPLES * 0.025)] ?? Number.NaN,
    draws[Math.floor(RESAMPLES * 0.975)] ?? Number.NaN,
  ];
}
