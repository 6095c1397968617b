import type { Store } from '../store/store.ts';
import { invalidParameter } from './refusal.ts';

const MAXIMUM_DEPTH = 4;

function cannotExpand(path: string): never {
  throw invalidParameter(`This property cannot be expanded (${path}).`, { param: 'expand' });
}

/** The one list that a charge shows only when asked for it (left out by default since 2022-11-15). */
function refundsOf(store: Store, chargeId: string): object {
  const { data, hasMore } = store.page(
    'refund',
    [{ sql: `json_extract(body, '$.charge') = ?`, values: [chargeId] }],
    { limit: 10 },
  );
  return { object: 'list', data, has_more: hasMore, url: `/v1/charges/${chargeId}/refunds` };
}

/** The list that a Checkout session shows only when asked for it. */
function lineItemsOf(store: Store, sessionId: string): object {
  const data = store.privatePart('checkout.session', sessionId)?.lineItems ?? [];
  return { object: 'list', data, has_more: false, url: `/v1/checkout/sessions/${sessionId}/line_items` };
}

/** Adds what an object leaves out unless it is asked for. */
function includeList(store: Store, target: object, part: string): void {
  const { object, id }: { object?: unknown; id?: unknown } = target;
  if (part === 'refunds' && object === 'charge')
    Object.assign(target, { refunds: refundsOf(store, String(id)) });
  if (part === 'line_items' && object === 'checkout.session') {
    Object.assign(target, { line_items: lineItemsOf(store, String(id)) });
  }
}

function expandPath(store: Store, target: object, parts: readonly string[], whole: string): void {
  const [part, ...rest] = parts;
  if (part === undefined) return;
  includeList(store, target, part);
  const value: unknown = Object.hasOwn(target, part) ? Reflect.get(target, part) : cannotExpand(whole);
  if (value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) expandPath(store, item, rest, whole);
    return;
  }
  if (typeof value === 'object') {
    expandPath(store, value, rest, whole);
    return;
  }
  const found = typeof value === 'string' ? store.findAny(value) : undefined;
  if (found === undefined) cannotExpand(whole);
  Object.assign(target, { [part]: found });
  expandPath(store, found, rest, whole);
}

/**
 * Replaces ids in an answer by the objects they name (https://docs.stripe.com/expand).
 * @param paths such as `latest_charge`, or `data.customer` in a list.
 */
export function expandAnswer(store: Store, body: object, paths: unknown): object {
  if (paths === undefined) return body;
  if (!Array.isArray(paths)) throw invalidParameter('Invalid array', { param: 'expand' });
  const answer: object = structuredClone(body);
  for (const path of paths) {
    if (typeof path !== 'string') throw invalidParameter('Invalid string', { param: 'expand' });
    const parts = path.split('.');
    if (parts.length > MAXIMUM_DEPTH) {
      throw invalidParameter(`You cannot expand more than ${MAXIMUM_DEPTH} levels of a property`, {
        param: 'expand',
      });
    }
    expandPath(store, answer, parts, path);
  }
  return answer;
}
