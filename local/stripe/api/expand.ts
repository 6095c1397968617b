import { declarationOf, type Interface, type Union } from '../description/declarations.ts';
import type { Store } from '../store/store.ts';
import { invalidParameter } from './refusal.ts';

const MAXIMUM_DEPTH = 4;

function cannotExpand(path: string): never {
  throw invalidParameter(`This property cannot be expanded (${path}).`, { param: 'expand' });
}

/** The lists that an object shows only when it is asked for them, by its kind and their names. */
const LISTS: Readonly<Record<string, (store: Store, id: string) => object>> = {
  'charge.refunds'(store, id) {
    const ofCharge = { sql: `json_extract(body, '$.charge') = ?`, values: [id] };
    const { data, hasMore } = store.page('refund', [ofCharge], { limit: 10 });
    return { object: 'list', data, has_more: hasMore, url: `/v1/charges/${id}/refunds` };
  },
  'invoice.payments'(store, id) {
    const ofInvoice = { sql: `json_extract(body, '$.invoice') = ?`, values: [id] };
    const { data, hasMore } = store.page('invoice_payment', [ofInvoice], { limit: 10 });
    return { object: 'list', data, has_more: hasMore, url: `/v1/invoice_payments?invoice=${id}` };
  },
  'checkout.session.line_items'(store, id) {
    const data = store.privatePart('checkout.session', id)?.lineItems ?? [];
    return { object: 'list', data, has_more: false, url: `/v1/checkout/sessions/${id}/line_items` };
  },
};

/** What the stripe package declares of a value that stands where one of `union` may. */
function declaredOf(value: object, union: Union): Interface | undefined {
  const object: unknown = Reflect.get(value, 'object');
  if (typeof object === 'string') return object === 'list' ? undefined : declarationOf(object);
  return union.flatMap((type) => (type.is === 'fields' ? [type.declared] : []))[0];
}

function expandInside(
  store: Store,
  value: unknown,
  union: Union,
  rest: readonly string[],
  path: string,
): void {
  if (Array.isArray(value)) {
    const items = union.flatMap((type) => (type.is === 'list' ? type.items : []));
    for (const item of value) expandInside(store, item, items, rest, path);
  } else if (typeof value === 'object' && value !== null) expandPart(store, value, union, rest, path);
}

/** Expands what `parts` name below a value; what can be expanded is what is declared as an object or as a list. */
function expandPart(
  store: Store,
  target: object,
  union: Union,
  parts: readonly string[],
  path: string,
): void {
  const [part, ...rest] = parts;
  if (part === undefined) return;
  const declared = declaredOf(target, union);
  const { object, id }: { object?: unknown; id?: unknown } = target;
  const list = LISTS[`${object}.${part}`]?.(store, String(id));
  if (list !== undefined) Object.assign(target, { [part]: list });
  const inner =
    object === 'list' && part === 'data' ? [{ is: 'any' } as const] : declared?.fields.get(part)?.union;
  if (inner === undefined || !inner.some(({ is }) => ['any', 'fields', 'list', 'page'].includes(is))) {
    cannotExpand(path);
  }
  const value: unknown = Reflect.get(target, part);
  if (typeof value !== 'string') {
    expandInside(store, value, inner, rest, path);
    return;
  }
  const found = store.findAny(value);
  if (found === undefined) cannotExpand(path);
  Object.assign(target, { [part]: found });
  expandPart(store, found, inner, rest, path);
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
    expandPart(store, answer, [], parts, path);
  }
  return answer;
}
