import type { SQLInputValue } from 'node:sqlite';
import type { Condition } from '../store/store.ts';
import type { Kind, StoredObjects } from '../store/stored-objects.ts';
import { type CreatedFilter, created, integer, text } from './form.ts';
import { invalidParameter, noSuchReference } from './refusal.ts';
import type { Call } from './route.ts';

const DEFAULT_LIMIT = 10;

/** The parameters that every list takes (https://docs.stripe.com/api/pagination). */
export const pageParams = {
  limit: integer(1, 100).optional(),
  starting_after: text().optional(),
  ending_before: text().optional(),
};

/** The same, for most lists, which can be filtered by time. */
export const listParams = { ...pageParams, created: created().optional() };

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
