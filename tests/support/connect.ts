import postgres from 'postgres';

type Options = postgres.Options<Record<string, never>>;

/** Amounts of the books are whole numbers far below 2^53; without this the driver answers them as text. */
const BIGINT_AS_NUMBER = { to: 20, from: [20], parse: Number, serialize: String };

/** A superuser's connection to a test's database: for arranging what no function allows, and for looking. */
export function connect(url: string, options: Options = {}): postgres.Sql {
  const types: unknown = { bigint: BIGINT_AS_NUMBER };
  return postgres(url, { onnotice() {}, ...options, types: types as Record<string, never> });
}
