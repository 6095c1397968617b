import Stripe from 'stripe';
import type { Made, Step } from './step.ts';
import { STEPS } from './steps.ts';

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

export interface Played {
  readonly step: Step;
  /** The error code, '' for an error without one, null when the call was done. */
  readonly code: string | null;
  readonly shape: Shape;
  /** What was answered, unless it was an error. */
  readonly answer?: object;
  /** The words of an error, without what differs from object to object, or with the time. */
  readonly words: string;
}

function withoutIds(message: string): string {
  return message
    .replaceAll(/\b[a-z]{2,6}_[A-Za-z0-9_]{8,}/g, '<id>')
    .replaceAll(/\b(contract_)?\d{10}\b/g, '<time>');
}

async function play(step: Step, stripe: Stripe, made: Made): Promise<Played> {
  try {
    const answer = await step.run(stripe, made);
    return { step, answer, code: null, shape: shapeOf(answer), words: '' };
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    const { raw } = error;
    // Which advice Stripe adds for the account differs from key to key.
    const { doc_url: _docUrl, request_log_url: _log, ...shown } = { ...(raw as Record<string, unknown>) };
    const shape = shapeOf({ ...shown, headers: null, statusCode: error.statusCode });
    return { step, code: error.code ?? '', shape, words: withoutIds(error.message) };
  }
}

/** Plays the whole sequence against one server. */
export async function playSteps(stripe: Stripe, steps: readonly Step[] = STEPS): Promise<Played[]> {
  const made: Made = new Map();
  const played: Played[] = [];
  for (const step of steps) played.push(await play(step, stripe, made));
  return played;
}

/** Where the stand-in differs from Stripe, line by line; the words of errors count too. */
export function compare(standIn: readonly Played[], stripe: readonly Played[]): string[] {
  return standIn.flatMap((ours, index) => {
    const theirs = stripe[index];
    if (theirs === undefined) return [`${ours.step.name}: not asked at Stripe`];
    const outcome = (code: string | null) => (code === null ? 'done' : `refused (${code || 'no code'})`);
    const lines = [
      ...(ours.code === theirs.code
        ? []
        : [`${outcome(ours.code)} by the stand-in, ${outcome(theirs.code)} by Stripe`]),
      ...(ours.words === theirs.words ? [] : [`the stand-in says “${ours.words}”, Stripe “${theirs.words}”`]),
      ...differences(ours.shape, theirs.shape),
    ];
    return lines.map((line) => `${ours.step.name}: ${line}`);
  });
}
