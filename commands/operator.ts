import { createDatabaseClient } from '../shared/database/client.ts';
import { parseOptions, refuseOptions } from './basics/parse-options.ts';
import { sidecarConfigOrExit } from './configuration/sidecar-config.ts';

const USAGE = 'Say what: ./launch.sh operator grant <email>, operator revoke <email>, or operator list.';
const ROLES = { grant: 'operator', revoke: 'caller' } as const;

const { positionals } = parseOptions({ allowPositionals: true, options: {} });
const [what, email, ...more] = positionals;
if (more.length > 0 || !(what === 'list' ? email === undefined : email !== undefined)) refuseOptions(USAGE);
const isChange = what === 'grant' || what === 'revoke';
if (!isChange && what !== 'list') refuseOptions(USAGE);

const config = sidecarConfigOrExit();
const users = createDatabaseClient(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY).from('users');
const { data, error } = isChange
  ? await users
      .update({ role: ROLES[what] })
      .eq('email', String(email).toLowerCase())
      .is('deleted_at', null)
      .select('email')
  : await users.select('email').eq('role', 'operator').order('email');
if (error) {
  console.error(`The database refused: ${error.message}`);
  process.exitCode = 1;
} else if (isChange && data.length === 0) {
  console.error(`Nobody has signed up as ${email}.`);
  process.exitCode = 1;
} else if (isChange) {
  console.log(
    what === 'grant'
      ? `${email} is an operator now, and finds the board at /operator.`
      : `${email} is no operator any more.`,
  );
} else {
  console.log(data.map((person) => person.email).join('\n') || 'Nobody is an operator.');
}
