import { z } from 'zod';

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
