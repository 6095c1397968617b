import type Stripe from 'stripe';
import { declarationOf, type Interface, type Union } from './declarations.ts';

/** The version that stripe-node 23.1.0 pins; every object here has the shape of this version. */
export const API_VERSION = '2026-10-28.endive';

type IsUnion<T, Whole = T> = T extends unknown ? ([Whole] extends [T] ? false : true) : never;

/** Fields of an object that have no default: they are neither null, false, an empty list, one word only, nor filled. */
type WithoutDefault<T> = {
  [K in keyof T]-?: undefined extends T[K]
    ? never
    : null extends T[K]
      ? never
      : K extends 'created' | 'object'
        ? never
        : T[K] extends boolean | readonly unknown[] | Stripe.Metadata
          ? never
          : T[K] extends string | number
            ? string extends T[K]
              ? K
              : number extends T[K]
                ? K
                : IsUnion<T[K]> extends false
                  ? never
                  : K
            : [WithoutDefault<T[K]>] extends [never]
              ? never
              : K;
}[keyof T];

type GivenValue<V> = V extends readonly (infer Item)[]
  ? readonly GivenValue<Item>[]
  : V extends { object: string }
    ? V
    : V extends object
      ? string extends keyof V
        ? V
        : Given<V>
      : V;

/** What has to be said about an object for `fill` to know the rest; undefined is the default. */
export type Given<T> = { readonly [K in WithoutDefault<T>]: GivenValue<T[K]> } & {
  readonly [K in Exclude<keyof T, WithoutDefault<T>>]?: GivenValue<T[K]> | undefined;
};

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The one interface that a union names, if it names one that is no object of its own. */
function partOf(union: Union): Interface | undefined {
  const named = union.flatMap((type) => (type.is === 'fields' ? [type.declared] : []))[0];
  // What is declared without fields may have any.
  return named?.fields.size === 0 ? undefined : named;
}

function filledValue(union: Union, value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = union.flatMap((type) => (type.is === 'list' ? type.items : []));
    return value.map((item) => filledValue(items, item));
  }
  // An object of its own, such as an error's payment method, was filled when it was made.
  const part = isRecord(value) && !('object' in value) ? partOf(union) : undefined;
  return part === undefined ? value : filledFields(part, value as Record<string, unknown>);
}

function defaultOf(union: Union, where: string): unknown {
  const kinds = union.map((type) => type.is);
  if (kinds.includes('map')) return {};
  if (kinds.includes('null')) return null;
  if (kinds.includes('list')) return [];
  if (kinds.includes('boolean')) return false;
  const [only, other] = union;
  if (only?.is === 'literal' && other === undefined) return only.value;
  const part = partOf(union);
  if (part === undefined) throw new Error(`${where} has no default and was not given`);
  return filledFields(part, {});
}

/** Optional fields that may be null, and that Stripe shows only to accounts that have them, or when asked. */
const SHOWN_TO_FEW: Readonly<Record<string, readonly string[]>> = {
  'Charge.PaymentMethodDetails.Card': ['description', 'iin', 'issuer', 'moto'],
  Customer: ['cash_balance'],
  'Dispute.Evidence': ['appeal'],
  'PaymentMethod.Card': ['description', 'iin', 'issuer'],
};

/** Of the optional fields those that may be null are there, except for lists, which are shown when asked for. */
function isShownAsNull(declared: Interface, name: string, union: Union): boolean {
  const kinds = union.map(({ is }) => is);
  return kinds.includes('null') && !kinds.includes('page') && !SHOWN_TO_FEW[declared.name]?.includes(name);
}

function filledFields(
  declared: Interface,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const unknown = Object.keys(given).find((name) => !declared.fields.has(name));
  if (unknown !== undefined) throw new Error(`${declared.name} has no field ${unknown}`);
  const filled: Record<string, unknown> = {};
  for (const { name, optional, union } of declared.fields.values()) {
    const value = given[name];
    if (value !== undefined) filled[name] = filledValue(union, value);
    else if (!optional || isShownAsNull(declared, name, union)) {
      filled[name] = defaultOf(union, `${declared.name}.${name}`);
    }
  }
  return filled;
}

/**
 * An object with every field that Stripe answers, by the declarations of the stripe package: what is not given is
 * null, false, an empty list or the like. Optional fields that cannot be null are left out unless given.
 * @param object the value of its `object` field
 * @throws for a field that Stripe does not have, and for one that has no default
 */
export function fill<T>(object: string, given: Given<T>): T {
  return filledFields(declarationOf(object), { ...given, object }) as T;
}

function fits(union: Union, value: unknown): boolean {
  return union.some((type) => {
    if (type.is === 'any') return true;
    if (type.is === 'null') return value === null;
    if (type.is === 'literal') return value === type.value;
    if (type.is === 'list') return Array.isArray(value);
    if (type.is === 'map' || type.is === 'page' || type.is === 'fields') return isRecord(value);
    return typeof value === type.is;
  });
}

function problemsOfValue(union: Union, value: unknown, where: string): string[] {
  if (!fits(union, value)) {
    const allowed = union.map((type) => (type.is === 'literal' ? JSON.stringify(type.value) : type.is));
    return [`${where}: ${JSON.stringify(value)} is none of ${allowed.join(', ')}`];
  }
  if (Array.isArray(value)) {
    const items = union.flatMap((type) => (type.is === 'list' ? type.items : []));
    return value.flatMap((item, index) => problemsOfValue(items, item, `${where}[${index}]`));
  }
  if (!isRecord(value)) return [];
  if (typeof value.object === 'string') return problemsOf(value, where);
  const part = partOf(union);
  return part === undefined ? [] : problemsOfFields(part, value, where);
}

function problemsOfFields(
  declared: Interface,
  value: Readonly<Record<string, unknown>>,
  where: string,
): string[] {
  const unknown = Object.keys(value).filter((name) => !declared.fields.has(name));
  const wrong = [...declared.fields.values()].flatMap(({ name, optional, union }) => {
    const inner = `${where}.${name}`;
    if (name in value) return problemsOfValue(union, value[name], inner);
    return optional ? [] : [`${inner}: missing`];
  });
  return [...unknown.map((name) => `${where}.${name}: Stripe has no such field`), ...wrong];
}

/** How an answer differs from what the stripe package declares: missing and unknown fields, other types. */
export function problemsOf(answer: object, where = String(Reflect.get(answer, 'object'))): string[] {
  const value: Readonly<Record<string, unknown>> = { ...answer };
  if (value.object === 'list') {
    const data = Array.isArray(value.data) ? value.data : [];
    return data.flatMap((item, index) => problemsOf(item, `${where}.data[${index}]`));
  }
  // What was deleted keeps its id only.
  if (value.deleted === true) return [];
  return problemsOfFields(declarationOf(String(value.object), String(value.type)), value, where);
}
