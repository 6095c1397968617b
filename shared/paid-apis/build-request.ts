import type { ProductVersion } from './product.ts';

type Values = Readonly<Record<string, unknown>>;
export type BuiltRequest = { url: URL; method: string; headers: Record<string, string>; body?: string };

const asText = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** Fills what stands in double braces with the secrets of the product. */
function withSecrets(text: string, secrets: Values): string {
  return text.replace(/\{\{([A-Za-z0-9_-]{1,64})\}\}/g, (_, name: string) => {
    if (secrets[name] === undefined) throw new Error(`the secret ${name} is not set`);
    return asText(secrets[name]);
  });
}

/** @throws where a parameter could lead elsewhere than the product says */
function fillPath(endpoint: string, values: Values): URL {
  const filled = endpoint.replace(/(?<!\{)\{([A-Za-z0-9_-]{1,64})\}(?!\})/g, (_, name: string) => {
    const text = asText(values[name] ?? '');
    // Empty, "." and ".." are steps of a path, also encoded: they would ask for another resource.
    if (/^\.{0,2}$/.test(text)) throw new Error(`${name} cannot stand in a path`);
    return encodeURIComponent(text);
  });
  const url = new URL(filled);
  if (url.origin !== new URL(endpoint.replace(/\{[^}]*\}/g, 'x')).origin)
    throw new Error('the host is fixed');
  return url;
}

/** The request of a call of a product: where each argument goes is said by the product, never by an argument. */
export function buildRequest(
  product: ProductVersion,
  args: Values,
  secrets: Values,
  executionId: string,
): BuiltRequest {
  const { method, places } = product;
  const hasBody = method !== 'GET' && method !== 'DELETE';
  const url = fillPath(product.api_endpoint, args);
  const headers: Record<string, string> = {
    accept: 'application/json',
    'user-agent': 'MindBot-paid-apis/1',
    // So that a call that is sent again is known to whoever serves it.
    'idempotency-key': executionId,
  };
  for (const [name, value] of Object.entries(product.headers)) {
    headers[name.toLowerCase()] = withSecrets(value, secrets);
  }
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(args)) {
    if (value === undefined) continue;
    const inPath = product.api_endpoint.includes(`{${name}}`) ? 'path' : undefined;
    const where = places[name] ?? inPath ?? (hasBody ? 'body' : 'query');
    if (where === 'query') url.searchParams.append(name, asText(value));
    else if (where === 'header') headers[name.toLowerCase()] = asText(value).replace(/[^\t\x20-\x7e]/g, ' ');
    else if (where === 'body') body[name] = value;
  }
  if (!hasBody) return { url, method, headers };
  return {
    url,
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}
