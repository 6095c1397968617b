/** Whether this is the long run (`./launch.sh test --long`), in which property tests try more and `*.long.test.ts` run. */
export const IS_LONG_RUN = process.env.MINDBOT_LONG_TESTS === '1';

/** How often something is tried: in the run that everybody waits for, and in the long one. */
export const times = (short: number, long: number): number => (IS_LONG_RUN ? long : short);
