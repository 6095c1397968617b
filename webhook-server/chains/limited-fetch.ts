/** A receipt with some thousand logs has about two megabytes. */
const MOST_BYTES = 8 * 1024 * 1024;

/** A node answered, and what it answered is of no use: refused, too large, no JSON, or not what was asked for. */
export class NodeFailure extends Error {
  /** For the metrics. */
  readonly kind: 'unreachable' | 'refused' | 'limited' | 'malformed' | 'other_chain' | 'late';

  /** @param message never quotes the node's address, which may hold a key */
  constructor(kind: NodeFailure['kind'], message: string) {
    super(message);
    this.name = 'NodeFailure';
    this.kind = kind;
  }
}

/** `fetch` that reads no endless answers, follows no redirection, and tells what a node's status means. */
export async function limitedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, { ...init, redirect: 'error' });
  if (response.status === 429) {
    await response.body?.cancel();
    throw new NodeFailure('limited', 'too many requests for this node');
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new NodeFailure('refused', `status ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new NodeFailure('malformed', `more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks), { status: response.status, headers: response.headers });
}
