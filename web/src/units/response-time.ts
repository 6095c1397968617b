/** Milliseconds until an answer as people read them: `0.9 s`. */
export const responseTime = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
