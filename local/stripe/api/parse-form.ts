import type { z } from 'zod';
import { invalidParameter, type StripeRefusal } from './refusal.ts';

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

function unknownParameters(issue: Issue & { keys: string[] }, notModelled: readonly string[]): StripeRefusal {
  const names = issue.keys.map((key) => paramName([...issue.path, key]));
  const param = names[0] ?? '';
  const unmodelled = issue.keys.filter((key) => issue.path.length === 0 && notModelled.includes(key));
  if (unmodelled.length > 0) {
    // Dropping it silently would let code pass here and behave differently at Stripe.
    return invalidParameter(
      `Stripe knows the parameter ${unmodelled.join(', ')}, but this stand-in does not model it.`,
      { code: 'parameter_unknown', param },
    );
  }
  return invalidParameter(
    names.length === 1
      ? `Received unknown parameter: ${param}`
      : `Received unknown parameters: ${names.join(', ')}`,
    { code: 'parameter_unknown', param },
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
 * @param notModelled names that Stripe accepts and the stand-in does not model.
 * @throws StripeRefusal 400 in Stripe's words; an unknown parameter is named before any other fault.
 */
export function parseForm<Schema extends z.ZodType>(
  schema: Schema,
  raw: unknown,
  notModelled: readonly string[],
): z.output<Schema> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys') throw unknownParameters(issue, notModelled);
  }
  const first = result.error.issues[0];
  throw first === undefined ? invalidParameter('Invalid request') : refusalFor(first, raw);
}
