import { z } from 'zod';
import type { TaskName } from '../later/tasks.ts';
import type { Store } from '../store/store.ts';
import type { Emit } from '../webhooks/emit-event.ts';
import { parseForm } from './parse-form.ts';
import type { Reply } from './refusal.ts';

export type KeyKind = 'secret' | 'publishable';

/** One request being executed, inside one database transaction. */
export interface Call {
  readonly store: Store;
  readonly nowSeconds: number;
  readonly keyKind: KeyKind;
  readonly path: string;
  /** The `:id` of the path; empty where the path has none. */
  readonly id: string;
  /** The second id of a path such as `/v1/customers/:id/payment_methods/:subId`; else empty. */
  readonly subId: string;
  /** Where browsers reach the stand-in, without a slash at the end. */
  readonly baseUrl: string;
  readonly emit: Emit;
  /** Plans what will happen to an object by itself. @param delayMs the configured delay unless given. */
  readonly later: (task: TaskName, objectId: string, delayMs?: number) => void;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly keyKind: KeyKind;
  /** The names of the parameters that are modelled, and of those that are refused as not modelled. */
  readonly params: readonly string[];
  readonly notModelled: readonly string[];
  /** What of the answer this kind of key may see, errors included. */
  readonly view: (body: object) => object;
  readonly run: (call: Call, rawParams: unknown) => Reply;
}

interface RouteDefinition<Shape extends z.ZodRawShape> {
  readonly method: Route['method'];
  readonly path: string;
  readonly keyKind?: KeyKind;
  readonly params?: Shape;
  readonly notModelled?: readonly string[];
  readonly view?: Route['view'];
  handle(call: Call, params: z.output<z.ZodObject<Shape, z.core.$strict>>): Reply;
}

export function ok(body: object): Reply {
  return { status: 200, body };
}

/**
 * Declares one API route. What `handle` throws rolls back what it wrote, so a decline, which must leave
 * its traces, is returned.
 */
export function route<Shape extends z.ZodRawShape>(definition: RouteDefinition<Shape>): Route {
  const schema = z.strictObject(definition.params ?? ({} as Shape));
  return {
    method: definition.method,
    path: definition.path,
    keyKind: definition.keyKind ?? 'secret',
    params: Object.keys(definition.params ?? {}),
    notModelled: definition.notModelled ?? [],
    view: definition.view ?? ((body) => body),
    run(call, rawParams) {
      return definition.handle(call, parseForm(schema, rawParams, definition.notModelled ?? []));
    },
  };
}
