import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { join } from 'node:path';

/**
 * Stripe's OpenAPI is not published as a package. stripe-node's declarations are generated from it (its file
 * OPENAPI_VERSION names which), so they say which parameters an API call takes.
 */
const packageFolder = findPackageJSON('stripe', import.meta.url)?.replace(/package\.json$/, '') ?? '';

export const openApiVersion = readFileSync(join(packageFolder, 'OPENAPI_VERSION'), 'utf8').trim();

/** Common to all lists, and inherited there by the declarations. */
const PAGINATION = ['ending_before', 'limit', 'starting_after'];

/**
 * The names of the parameters in a declaration such as `CustomerCreateParams`, without `expand`.
 * @param file such as `Customers` or `Checkout/Sessions`
 * @throws when there is no such declaration
 */
export function paramsOf(file: string, declaration: string): string[] {
  const source = readFileSync(join(packageFolder, 'esm/resources', `${file}.d.ts`), 'utf8');
  const start = new RegExp(
    `^(?:export |    )interface ${declaration}( extends PaginationParams)? \\{$`,
    'm',
  ).exec(source);
  if (start === null) throw new Error(`${file}.d.ts declares no ${declaration}`);
  const indent = start[0].startsWith(' ') ? '    ' : '';
  const body = source.slice(start.index, source.indexOf(`\n${indent}}`, start.index));
  const names = [...body.matchAll(new RegExp(`^${indent}    (\\w+)\\??:`, 'gm'))].map(
    ([, name = '']) => name,
  );
  return [...names.filter((name) => name !== 'expand'), ...(start[1] === undefined ? [] : PAGINATION)].sort();
}
