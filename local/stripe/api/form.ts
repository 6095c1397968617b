import { z } from 'zod';
import { parametersOf } from '../description/declarations.ts';
import { invalidParameter, type StripeRefusal } from './refusal.ts';

/**
 * Schemas for Stripe's form-encoded parameters: every scalar arrives as text. Refusals carry Stripe's error
 * code in `params.code`; `parse-form.ts` turns them into answers.
 */
function refuse(context: z.RefinementCtx, code: string, message: string): never {
  context.addIssue({ code: 'custom', message, params: { code } });
  return z.NEVER;
}

const EMPTY = 'parameter_invalid_empty';
const EMPTY_MESSAGE =
  'You passed an empty string. We assume empty values are an attempt to unset a field; however this field cannot be unset. You should remove it from your request or supply a non-empty value.';

/** Text that cannot be unset. */
export function text(maxLength = 5000) {
  return z.string().transform((value, context) => {
    if (value === '') return refuse(context, EMPTY, EMPTY_MESSAGE);
    if (value.length > maxLength) {
      return refuse(
        context,
        'parameter_invalid_string_length',
        `Invalid string: must be at most ${maxLength} characters`,
      );
    }
    return value;
  });
}

/** Text that an empty string unsets: the output is then null. */
export function emptyableText(maxLength = 5000) {
  return z.string().transform((value, context) => {
    if (value.length > maxLength) {
      return refuse(
        context,
        'parameter_invalid_string_length',
        `Invalid string: must be at most ${maxLength} characters`,
      );
    }
    return value === '' ? null : value;
  });
}

export function integer(minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER) {
  const code = 'parameter_invalid_integer';
  return z.string().transform((value, context) => {
    if (value === '') return refuse(context, EMPTY, EMPTY_MESSAGE);
    const number = Number(value);
    if (!/^-?\d+$/.test(value) || !Number.isSafeInteger(number)) {
      return refuse(context, code, `Invalid integer: ${value.slice(0, 20)}`);
    }
    if (number < minimum)
      return refuse(context, code, `This value must be greater than or equal to ${minimum}.`);
    if (number > maximum)
      return refuse(context, code, `This value must be less than or equal to ${maximum}.`);
    return number;
  });
}

export function boolean() {
  return z.string().transform((value, context) => {
    if (value === 'true') return true;
    if (value === 'false') return false;
    if (value === '') return refuse(context, EMPTY, EMPTY_MESSAGE);
    return refuse(context, 'parameter_invalid_boolean', `Invalid boolean: ${value.slice(0, 20)}`);
  });
}

export function email() {
  return z.string().transform((value, context) => {
    if (value === '') return null;
    if (value.length > 512 || !/^[^\s@]+@[^\s@]+$/.test(value)) {
      return refuse(context, 'email_invalid', `Invalid email address: ${value.slice(0, 100)}`);
    }
    return value;
  });
}

const supportedCurrencies = new Set(Intl.supportedValuesOf('currency').map((code) => code.toLowerCase()));

export function currency() {
  return z.string().transform((value, context) => {
    const code = value.toLowerCase();
    if (!supportedCurrencies.has(code)) {
      return refuse(context, 'parameter_invalid_string', `Invalid currency: ${value.slice(0, 20)}`);
    }
    return code;
  });
}

/** A point in time or a range of them, in seconds since 1970 (https://docs.stripe.com/api/events/list). */
export function created() {
  const bound = integer(0).optional();
  return z.union([integer(0), z.strictObject({ gt: bound, gte: bound, lt: bound, lte: bound })]);
}

export type CreatedFilter = z.output<ReturnType<typeof created>>;

type Issue = z.core.$ZodIssue;

function paramName(path: readonly PropertyKey[]): string {
  return path.map((part, index) => (index === 0 ? String(part) : `[${String(part)}]`)).join('');
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined),
    raw,
  );
}

/** Whether Stripe has a parameter, by the declarations of the stripe package. */
function isDeclared(call: { method: string; path: string }, path: readonly PropertyKey[]): boolean {
  const [name = '', ...rest] = path.filter((part) => typeof part === 'string');
  let field = parametersOf(call.method, call.path)?.fields.get(name);
  for (const part of rest) {
    const parts = field?.union.flatMap((type) => (type.is === 'list' ? type.items : [type])) ?? [];
    field = parts.flatMap((type) => (type.is === 'fields' ? (type.declared.fields.get(part) ?? []) : []))[0];
  }
  return field !== undefined;
}

function unknownParameters(
  issue: Issue & { keys: string[] },
  call: { method: string; path: string },
): StripeRefusal {
  const nameOf = (key: string) => paramName([...issue.path, key]);
  const unmodelled = issue.keys.filter((key) => isDeclared(call, [...issue.path, key])).map(nameOf);
  const names = issue.keys.map(nameOf);
  const details = { code: 'parameter_unknown', param: names[0] ?? '' };
  if (unmodelled.length > 0) {
    // Dropping it silently would let code pass here and behave differently at Stripe.
    return invalidParameter(
      `Stripe knows the parameter ${unmodelled.join(', ')}, but this stand-in does not model it.`,
      details,
    );
  }
  return invalidParameter(
    `Received unknown parameter${names.length === 1 ? '' : 's'}: ${names.join(', ')}`,
    details,
  );
}

function refusalFor(issue: Issue, raw: unknown): StripeRefusal {
  const param = paramName(issue.path);
  if (issue.code === 'custom') {
    const code: unknown = issue.params?.code;
    return invalidParameter(issue.message, { param, ...(typeof code === 'string' ? { code } : {}) });
  }
  if (valueAt(raw, issue.path) === undefined) {
    return invalidParameter(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
  }
  if (issue.code === 'invalid_value') {
    return invalidParameter(`Invalid ${param}: must be one of ${issue.values.join(', ')}`, { param });
  }
  if (issue.code === 'invalid_type') return invalidParameter(`Invalid ${issue.expected}`, { param });
  return invalidParameter(`Invalid ${param}`, { param });
}

/**
 * The typed parameters of a request.
 * @param call method and path, by which it is known what else Stripe accepts
 * @throws StripeRefusal 400 in Stripe's words; an unknown parameter is named before any other fault.
 */
export function parseForm<Schema extends z.ZodType>(
  schema: Schema,
  raw: unknown,
  call: { method: string; path: string },
): z.output<Schema> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys') throw unknownParameters(issue, call);
  }
  const first = result.error.issues[0];
  throw first === undefined ? invalidParameter('Invalid request') : refusalFor(first, raw);
}

const MAXIMUM_KEYS = 50;
const MAXIMUM_KEY_LENGTH = 40;
const MAXIMUM_VALUE_LENGTH = 500;

function problemOf(key: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return 'Metadata values must be strings.';
  if (key.length > MAXIMUM_KEY_LENGTH) {
    return `Metadata keys can have up to ${MAXIMUM_KEY_LENGTH} characters, but you passed in a key that is ${key.length} characters. Invalid key: ${key.slice(0, 60)}`;
  }
  if (value.length > MAXIMUM_VALUE_LENGTH) {
    return `Metadata values can have up to ${MAXIMUM_VALUE_LENGTH} characters, but you passed in a value that is ${value.length} characters.`;
  }
  return undefined;
}

/**
 * The `metadata` parameter: null when an empty string asks to clear everything; an empty value unsets its key.
 * Limits from https://docs.stripe.com/api/metadata.
 */
export function metadata() {
  return z.unknown().transform((raw, context): Record<string, string> | null => {
    if (raw === '') return null;
    if (typeof raw !== 'object' || raw === null) {
      context.addIssue({
        code: 'custom',
        message: 'Invalid object',
        params: { code: 'parameter_invalid_object' },
      });
      return z.NEVER;
    }
    const entries = Object.entries(raw);
    for (const [key, value] of entries) {
      const problem = problemOf(key, value);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, path: [key] });
    }
    return Object.fromEntries(entries);
  });
}

/** Stripe merges metadata on update; it does not replace it. */
export function mergeMetadata(
  current: Record<string, string>,
  change: Record<string, string> | null | undefined,
): Record<string, string> {
  if (change === undefined) return current;
  if (change === null) return {};
  const merged = Object.fromEntries(
    Object.entries({ ...current, ...change }).filter(([, value]) => value !== ''),
  );
  const count = Object.keys(merged).length;
  if (count > MAXIMUM_KEYS) {
    throw invalidParameter(`Metadata can have up to ${MAXIMUM_KEYS} keys, but this would make ${count}.`, {
      param: 'metadata',
    });
  }
  return merged;
}

type OnlyGiven<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** The fields a request gave: one that is present but undefined would overwrite what it is spread over. */
export function onlyGiven<Fields extends object>(fields: Fields): OnlyGiven<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as OnlyGiven<Fields>;
}
