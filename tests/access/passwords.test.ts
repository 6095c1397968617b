import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LEAST_PASSWORD_LENGTH } from '../../shared/api/password.ts';

test('the page asks of a new password what the project does', () => {
  const config = readFileSync('supabase/config.toml', 'utf8');
  expect(/^minimum_password_length = (\d+)$/m.exec(config)?.[1]).toBe(String(LEAST_PASSWORD_LENGTH));
});
