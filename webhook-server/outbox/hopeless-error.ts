/** A failure that no repeat mends: the item is parked at once, and a person has to look. */
export class HopelessError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HopelessError';
  }
}
