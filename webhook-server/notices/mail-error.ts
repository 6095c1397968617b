/** A message was not taken. Says why in codes only: a server's own words quote the address. */
export class MailError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MailError';
  }
}
