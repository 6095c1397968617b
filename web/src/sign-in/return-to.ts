/** Where a link of a mail, or a provider's page, leads to: the room that somebody wanted to be in. */
export function returnTo(address: string): string {
  const isEntry = address === '/sign-in' || address === '/sign-up' || address === '/';
  return new URL(isEntry ? '/talk' : address, window.location.origin).href;
}
