/** Milliseconds of the system's monotonic clock, which all processes of a machine share (unlike `performance.now()`). */
export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;
