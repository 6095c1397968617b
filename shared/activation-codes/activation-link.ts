/**
 * Opens the page with a code filled in. In the fragment, which no browser sends: the code stays out of the logs of
 * every server on the way (RFC 3986, section 3.5).
 */
export function activationLink(pageUrl: string, code: string): string {
  const url = new URL(pageUrl);
  url.hash = `/activate/${code}`;
  return url.href;
}
