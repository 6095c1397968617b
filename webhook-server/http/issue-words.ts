import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

/** The name of an unknown field is the sender's own text: enough of it to be found again. */
const LONGEST_NAME = 40;

const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const FORMATS: Record<string, string> = {
  uuid: 'an id such as 4b2c0a52-7f5b-4e1a-9d3c-0a1b2c3d4e5f',
  datetime: 'a date and time such as 2026-12-24T18:00:00Z',
  date: 'a date such as 2026-12-24',
  email: 'an e-mail address',
  url: 'an address such as https://example.com',
};

/** What is counted of a text or a list; of a number it is the number itself. */
const COUNTED: Record<string, string> = { string: ' characters', array: ' entries' };

function sizeWords(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const counted = COUNTED[issue.origin];
  const must = counted === undefined ? 'must be' : 'must have';
  if (issue.code === 'too_big') return `${must} ${issue.maximum}${counted ?? ''} or less`;
  if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty';
  return `${must} ${issue.minimum}${counted ?? ''} or more`;
}

function valueWords(issue: Extract<Issue, { code: 'invalid_value' }>): string {
  const allowed = issue.values.map(String);
  const must = allowed.length === 1 ? `must be ${allowed[0]}` : `must be one of ${allowed.join(', ')}`;
  return issue.input === undefined ? `is missing: it ${must}` : must;
}

/**
 * What is wrong with a field, in words that say what to do instead; never what was sent. A check that says its own words
 * keeps them.
 */
export function issueWords(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is missing';
      return `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'too_small':
    case 'too_big':
      return sizeWords(issue);
    case 'invalid_format':
      return `must be ${FORMATS[issue.format] ?? 'written as /openapi.json says'}`;
    case 'invalid_value':
      return valueWords(issue);
    case 'unrecognized_keys':
      return `leave out what is not known here: ${issue.keys[0]?.slice(0, LONGEST_NAME)}`;
    default:
      return 'is not as /openapi.json describes it';
  }
}
