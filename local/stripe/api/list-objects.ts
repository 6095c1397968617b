import type { SQLInputValue } from 'node:sqlite';
import { z } from 'zod';
import { type Kind, pathOf, type StoredObjects } from '../store/kinds.ts';
import type { Condition } from '../store/store.ts';
import { type CreatedFilter, integer, text } from './form.ts';
import { invalidParameter, noSuchReference } from './refusal.ts';
import { type Call, ok, type Route, route } from './route.ts';

const DEFAULT_LIMIT = 10;

/** The parameters that every list takes; `created` is one more that most take (https://docs.stripe.com/api/pagination). */
export const pageParams = {
  limit: integer(1, 100).optional(),
  starting_after: text().optional(),
  ending_before: text().optional(),
};

interface ListParams {
  readonly limit?: number | undefined;
  readonly starting_after?: string | undefined;
  readonly ending_before?: string | undefined;
  readonly created?: CreatedFilter | undefined;
}

/** No condition when the filter was not given. `field` is a name from the code, never from a request. */
export function fieldIs(field: string, value: string | boolean | undefined): Condition[] {
  if (value === undefined) return [];
  return [
    {
      sql: `json_extract(body, '$.${field}') = ?`,
      values: [typeof value === 'boolean' ? Number(value) : value],
    },
  ];
}

export function fieldIn(field: string, values: readonly string[] | undefined): Condition[] {
  if (values === undefined) return [];
  return [{ sql: `json_extract(body, '$.${field}') IN (${values.map(() => '?').join(', ')})`, values }];
}

function createdConditions(filter: CreatedFilter | undefined): Condition[] {
  if (filter === undefined) return [];
  if (typeof filter === 'number') return [{ sql: 'created = ?', values: [filter] }];
  const bounds: [string, SQLInputValue | undefined][] = [
    ['created > ?', filter.gt],
    ['created >= ?', filter.gte],
    ['created < ?', filter.lt],
    ['created <= ?', filter.lte],
  ];
  return bounds.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, values: [value] }]));
}

function cursorOf(call: Call, kind: Kind, id: string | undefined, param: string): number | undefined {
  if (id === undefined) return undefined;
  const sequence = call.store.sequenceOf(kind, id);
  if (sequence === undefined) throw noSuchReference(kind, id, param);
  return sequence;
}

interface ListAnswer<Item> {
  object: 'list';
  url: string;
  has_more: boolean;
  data: Item[];
}

/** One page of a list, newest first. */
export function listObjects<K extends Kind>(
  call: Call,
  kind: K,
  params: ListParams,
  conditions: readonly Condition[] = [],
): ListAnswer<StoredObjects[K]> {
  if (params.starting_after !== undefined && params.ending_before !== undefined) {
    throw invalidParameter('You cannot parameterize both starting_after and ending_before.', {
      param: 'ending_before',
    });
  }
  const olderThan = cursorOf(call, kind, params.starting_after, 'starting_after');
  const newerThan = cursorOf(call, kind, params.ending_before, 'ending_before');
  const { data, hasMore } = call.store.page(kind, [...conditions, ...createdConditions(params.created)], {
    limit: params.limit ?? DEFAULT_LIMIT,
    ...(olderThan === undefined ? {} : { olderThan }),
    ...(newerThan === undefined ? {} : { newerThan }),
  });
  return { object: 'list', url: call.path, has_more: hasMore, data };
}

/** `GET` of one object by its id. */
export function retrieving(kind: Kind): Route {
  return route({ method: 'GET', path: `${pathOf(kind)}/:id`, handle: (call) => ok(call.object(kind)) });
}

function filterConditions(name: string, value: unknown): Condition[] {
  if (Array.isArray(value)) return fieldIn(name.replace(/s$/, ''), value);
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([inner, part]) => filterConditions(`${name}.${inner}`, part));
  }
  return fieldIs(name, value as string | boolean | undefined);
}

/**
 * `GET` of a list. A filter finds the objects whose field of that name has that value, one in the plural (`ids`)
 * those that have one of several; `created` is a time or a range.
 * @param always what is true of all that is listed
 */
export function listing(
  kind: Kind,
  filters: Readonly<Record<string, z.ZodType>>,
  always: readonly Condition[] = [],
): Route {
  const optional = Object.entries(filters).map(([name, filter]) => [name, z.optional(filter)]);
  const params: Record<string, z.ZodType> = { ...pageParams, ...Object.fromEntries(optional) };
  return route({
    method: 'GET',
    path: pathOf(kind),
    params,
    handle(call, given) {
      const { limit, starting_after, ending_before, created, ...rest } = given;
      const page = { limit, starting_after, ending_before, created } as ListParams;
      const asked = Object.entries(rest).flatMap(([name, value]) => filterConditions(name, value));
      const conditions = [...always, ...asked];
      return ok(listObjects(call, kind, page, conditions));
    },
  });
}
