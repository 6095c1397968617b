/** What kind of value stands at each path of an answer, such as `data[].card.last4` → `string`. */
export type Shape = ReadonlyMap<string, string>;

/** Keys that the caller chose, or that differ with the account, say nothing about the shape. */
const OPAQUE = new Set(['metadata', 'lastResponse', 'use_stripe_sdk', 'payment_method_options', 'headers']);

function collect(value: unknown, path: string, found: Map<string, string>): void {
  if (Array.isArray(value)) {
    found.set(path, 'array');
    for (const item of value) collect(item, `${path}[]`, found);
    return;
  }
  if (typeof value !== 'object' || value === null) {
    const kind = value === null ? 'null' : typeof value;
    // Of several items of a list, one that says more than null counts.
    if (kind !== 'null' || !found.has(path)) found.set(path, kind);
    return;
  }
  found.set(path, 'object');
  for (const [key, inner] of Object.entries(value)) {
    const innerPath = path === '' ? key : `${path}.${key}`;
    if (OPAQUE.has(key)) found.set(innerPath, 'opaque');
    else collect(inner, innerPath, found);
  }
}

export function shapeOf(value: unknown): Shape {
  // As on the wire: without what the SDK adds in functions and getters.
  const found = new Map<string, string>();
  collect(JSON.parse(JSON.stringify(value)), '', found);
  return found;
}

/** Where two shapes differ; null beside a value is no difference, since nearly every field may be null. */
export function differences(standIn: Shape, stripe: Shape): string[] {
  const lines: string[] = [];
  const parentIsNull = (shape: Shape, path: string): boolean => {
    const parts = path.split(/(?=\.|\[\])/);
    return parts.some((_part, index) => index > 0 && shape.get(parts.slice(0, index).join('')) === 'null');
  };
  for (const [path, kind] of stripe) {
    const ours = standIn.get(path);
    if (ours === undefined) {
      if (!parentIsNull(standIn, path) && !path.includes('[]'))
        lines.push(`${path}: missing in the stand-in (${kind})`);
    } else if (ours !== kind && ours !== 'null' && kind !== 'null') {
      lines.push(`${path}: ${ours} in the stand-in, ${kind} at Stripe`);
    }
  }
  for (const [path, kind] of standIn) {
    if (stripe.has(path) || parentIsNull(stripe, path) || path.includes('[]')) continue;
    lines.push(`${path}: only in the stand-in (${kind})`);
  }
  return lines;
}
