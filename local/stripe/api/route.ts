import { z } from 'zod';
import type { Given } from '../description/objects.ts';
import type { TaskName } from '../later/tasks.ts';
import type { Kind, PrivateParts, StoredObject, StoredObjects } from '../store/kinds.ts';
import type { Store } from '../store/store.ts';
import type { Emit, EmitThin } from '../webhooks/events.ts';
import { parseForm } from './form.ts';
import type { Reply } from './refusal.ts';

/** `session`: the token of a meter event session. */
export type KeyKind = 'secret' | 'publishable' | 'session';

/** What has to be said to make an object of a kind: its id and the time are known. */
export type New<K extends Kind> = Given<Omit<StoredObjects[K], 'id'>> & { readonly id?: string | undefined };

type Change<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

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
  /** The seller's account that `Stripe-Account` names. */
  readonly account: string | undefined;
  readonly emit: Emit;
  /** Records an event whose data has to be fetched, and sends it to the endpoint for such. */
  readonly emitThin: EmitThin;
  /** The object in the path, or another one. @throws StripeRefusal 404 when there is none. */
  readonly object: <K extends Kind>(kind: K, id?: string) => StoredObjects[K];
  /** Makes an object; fields that are not given are as Stripe shows them when there is nothing to show. */
  readonly create: <K extends Kind>(
    kind: K,
    fields: New<K>,
    privatePart?: PrivateParts[keyof PrivateParts],
  ) => StoredObjects[K];
  /** Changes fields of an object; those that are undefined stay as they are. @returns the new state. */
  readonly change: <T extends StoredObject>(object: T, fields: Change<T>) => T;
  /** Plans what will happen to an object by itself. @param delayMs the configured delay unless given. */
  readonly later: (task: TaskName, objectId: string, delayMs?: number) => void;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly keyKind: KeyKind;
  /** The names of the parameters that are modelled. */
  readonly params: readonly string[];
  /** Whether it can be asked of a seller's account, by `Stripe-Account`. */
  readonly isForAccounts: boolean;
  /** What of the answer this kind of key may see, errors included. */
  readonly view: (body: object) => object;
  readonly run: (call: Call, rawParams: unknown) => Reply;
}

interface RouteDefinition<Shape extends z.ZodRawShape> {
  readonly method: Route['method'];
  readonly path: string;
  readonly keyKind?: KeyKind;
  readonly isForAccounts?: boolean;
  /** The parameters that are modelled; others that Stripe declares for this call are refused by name. */
  readonly params?: Shape;
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
  const {
    method,
    path,
    keyKind = 'secret',
    isForAccounts = false,
    params,
    view = (body: object) => body,
    handle,
  } = definition;
  const schema = z.strictObject(params ?? ({} as Shape));
  return {
    method,
    path,
    keyKind,
    isForAccounts,
    params: Object.keys(params ?? {}),
    view,
    run: (call, rawParams) => handle(call, parseForm(schema, rawParams, { method, path })),
  };
}

/** What a browser sees of an intent, alone or inside an error. */
export function viewOf(name: string, visiblePart: (intent: object) => object): Route['view'] {
  return (body) => {
    const error: unknown = Reflect.get(body, 'error');
    if (typeof error !== 'object' || error === null) return visiblePart(body);
    const intent: unknown = Reflect.get(error, name);
    if (typeof intent !== 'object' || intent === null) return body;
    return { error: { ...error, [name]: visiblePart(intent) } };
  };
}
