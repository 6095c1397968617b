/**
 * Loaded first by a worker process whose wall clock is wrong from the start and is set again during the call, as a
 * clock that somebody moves or that a time server corrects. The monotonic clock stays as it is.
 */
const [offsetMs = 0, jumpAfterMs = 0, jumpMs = 0] = JSON.parse(process.env.FAULTS_SKEW ?? '[]') as number[];
const RealDate = Date;
const startedAtMs = performance.now();
const shiftMs = () => offsetMs + (performance.now() - startedAtMs >= jumpAfterMs ? jumpMs : 0);
const skewedNow = () => RealDate.now() + shiftMs();

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [skewedNow()] : args, newTarget) as Date,
  apply: () => new RealDate(skewedNow()).toString(),
  get: (target, key, receiver) =>
    key === 'now' ? skewedNow : (Reflect.get(target, key, receiver) as unknown),
});
