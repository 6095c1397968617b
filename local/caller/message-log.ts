/** What the agent told the caller's client, and when it said that nothing is billed any more. */
export class MessageLog {
  readonly messages: unknown[] = [];
  /** Milliseconds of `performance.now()`; undefined as long as the meter has not stopped. */
  meterStoppedAtMs: number | undefined;

  add(message: unknown): void {
    this.messages.push(message);
    const { type, state } = message as { type?: unknown; state?: unknown };
    if (type === 'meter' && state === 'stopped') this.meterStoppedAtMs ??= performance.now();
  }
}
