type Values = Readonly<Record<string, unknown>>;

const ADDRESSES = [
  'SUPABASE_URL',
  'LIVEKIT_URL',
  'OPENAI_BASE_URL',
  'OPENAI_TTS_BASE_URL',
  'DEEPGRAM_BASE_URL',
];
/** Asked only when the real service fails, or for what a call does without. */
const FALLBACK_ADDRESSES = [
  'EMBEDDING_BASE_URL',
  'OPENAI_FALLBACK_BASE_URL',
  'OPENAI_TTS_FALLBACK_BASE_URL',
  'DEEPGRAM_FALLBACK_BASE_URL',
];
const REQUIRED = ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET'];
const LIVE_KEYS = ['STRIPE_SECRET_KEY', 'STRIPE_PUBLISHABLE_KEY'];
/** Every key that the local stack makes contains this word. */
const STAND_IN = /stand-?in/i;

function isLoopback(address: string): boolean {
  const host = new URL(address).hostname;
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\./.test(host);
}

/** Never quotes the address: it holds a password. */
function queueProblems(address: string | undefined): string[] {
  if (address === undefined || !URL.canParse(address)) return [];
  const { username, searchParams } = new URL(address);
  const problems: string[] = [];
  if (!/^mindbot_jobs(\.|$)/.test(username)) {
    problems.push('DATABASE_URL: must sign in as mindbot_jobs, who reaches the queue and nothing else');
  }
  if (isLoopback(address)) {
    problems.push('DATABASE_URL: is on this machine; production needs the real service');
  } else if (!/^(require|verify-ca|verify-full|no-verify)$/.test(searchParams.get('sslmode') ?? '')) {
    problems.push('DATABASE_URL: must be encrypted in production; add ?sslmode=verify-full');
  }
  return problems;
}

/**
 * What must not be so when ENVIRONMENT=production: stand-ins, test keys, plain connections.
 * @returns a sentence for each problem
 */
export function productionProblems(values: Values, env: Values): string[] {
  const problems: string[] = [];
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : undefined);
  for (const name of REQUIRED) {
    if (text(name) === undefined) problems.push(`${name}: is required in production`);
  }
  for (const name of ADDRESSES) {
    const value = text(name);
    if (value === undefined) continue;
    if (isLoopback(value)) problems.push(`${name}: is on this machine; production needs the real service`);
    else if (!/^(https|wss):/.test(value)) problems.push(`${name}: must be https or wss in production`);
  }
  for (const name of FALLBACK_ADDRESSES) {
    // The operator's own model server may be the last resort: a worse voice is better than none. What leaves the
    // machine is what a caller says, so it must be encrypted.
    const value = text(name);
    if (value === undefined || isLoopback(value) || /^(https|wss):/.test(value)) continue;
    problems.push(`${name}: must be https or wss, or on this machine, in production`);
  }
  const renewals = text('RENEWAL_URL');
  if (renewals !== undefined && !isLoopback(renewals) && !renewals.startsWith('https:')) {
    problems.push('RENEWAL_URL: must be https, or on this machine: it is called with the secret key');
  }
  problems.push(...queueProblems(text('DATABASE_URL')));
  for (const name of ['STRIPE_API_URL', 'LOCAL_DATABASE_URL', 'MAILBOX_URL']) {
    if (env[name]) problems.push(`${name}: belongs to the local stand-ins; remove it in production`);
  }
  if (Array.isArray(values.PAID_API_ORIGINS) && values.PAID_API_ORIGINS.length > 0) {
    problems.push(
      'PAID_API_ORIGINS: asks addresses of this machine for whoever sells; leave it empty in production',
    );
  }
  for (const name of LIVE_KEYS) {
    if (/^(sk|rk|pk)_test_/.test(text(name) ?? ''))
      problems.push(`${name}: is a test key; production needs a live one`);
  }
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'string' && STAND_IN.test(value))
      problems.push(`${name}: is a key of a local stand-in`);
  }
  if (text('LIVEKIT_API_KEY') === 'devkey')
    problems.push('LIVEKIT_API_KEY: is the key of livekit-server --dev');
  return problems;
}
