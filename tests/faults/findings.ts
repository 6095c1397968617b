/** What one case showed. Seconds are measured by the harness' own clock, never by the product's. */
export class Findings {
  readonly violations: string[] = [];
  /** Served and granted, but never charged: one figure per call. */
  readonly lossSeconds: number[] = [];
  /** Charged beyond what was served: one figure per call. */
  readonly overchargeSeconds: number[] = [];
  /** From the fault until the books were in order again: every call settled, every payment a card. */
  readonly recoveryMs: number[] = [];
  /** Requests whose answer was lost, so that nobody knew whether they had been committed. */
  ambiguousCommits = 0;

  expect(holds: boolean, otherwise: string): void {
    if (!holds) this.violations.push(otherwise);
  }
}
