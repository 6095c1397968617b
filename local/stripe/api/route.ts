import { z } from 'zod';
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
  readonly emit: Emit;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly keyKind: KeyKind;
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
    view: definition.view ?? ((body) => body),
    run(call, rawParams) {
      return definition.handle(call, parseForm(schema, rawParams, definition.notModelled ?? []));
    },
  };
}
