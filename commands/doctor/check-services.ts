import { RoomServiceClient } from 'livekit-server-sdk';
import { readMailSettings } from '../../webhook-server/base/mail-settings.ts';
import { findSmtpProblem } from '../../webhook-server/base/smtp-sender.ts';
import { findSigningProblem } from '../../webhook-server/operations/find-signing-problem.ts';
import { findQueueProblem } from '../../webhook-server/queue/start-queue.ts';
import type { Settings } from '../configuration/settings.ts';
import { bad, type Finding, ok, worthKnowing } from './finding.ts';
import { type Probe, servicesToAsk } from './services-to-ask.ts';

const LIMIT_MS = 8000;

/** Why there was no answer, without anything that was sent: an address may hold a password. */
function reason(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error ? cause.name : 'unknown error';
}

async function probe({ name, keyName, url, headers, notFound, mayKnowNothing }: Probe): Promise<Finding> {
  const { host } = new URL(url);
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(LIMIT_MS) });
    await response.body?.cancel();
    if (response.ok) return ok(`${name} answers at ${host} and takes the key`);
    if (response.status === 401) return bad(`${name} refuses the key`, `Check ${keyName}.`);
    if (response.status === 403) {
      return worthKnowing(`${name} answers, but the key may not read this (a restricted key?)`);
    }
    if (response.status === 404 && mayKnowNothing) return ok(`${name} answers at ${host}`);
    if (response.status === 404 && notFound)
      return bad(`${name} answers, but ${notFound}`, 'Run: npx supabase db push --remote');
    return bad(
      `${name} answers with status ${response.status}`,
      'See its status page, and its address in .env.',
    );
  } catch (error) {
    return bad(
      `${name} cannot be reached at ${host} (${reason(error)})`,
      'Check the address and the network.',
    );
  }
}

async function probeLiveKit(url: string, key: string, secret: string): Promise<Finding> {
  const { host } = new URL(url);
  const client = new RoomServiceClient(url.replace(/^ws/, 'http'), key, secret, {
    requestTimeout: LIMIT_MS / 1000,
  });
  try {
    await client.listRooms([]);
    return ok(`LiveKit answers at ${host} and takes the keys`);
  } catch (error) {
    const isRefused = error instanceof Error && 'status' in error && error.status === 401;
    return isRefused
      ? bad('LiveKit refuses the keys', 'Check LIVEKIT_API_KEY and LIVEKIT_API_SECRET.')
      : bad(`LiveKit cannot be reached at ${host} (${reason(error)})`, 'Check LIVEKIT_URL and the network.');
  }
}

/** Whether access tokens can be verified at all. Of the local database they can. */
async function checkSigning({ SUPABASE_URL, SUPABASE_JWT_SECRET }: Settings): Promise<Finding[]> {
  if (SUPABASE_URL === undefined || !URL.canParse(SUPABASE_URL)) return [];
  const problem = await findSigningProblem({ SUPABASE_URL, SUPABASE_JWT_SECRET });
  if (problem === null) return [];
  return [bad(problem, 'Set it to the JWT secret of the project, or move the project to signing keys.')];
}

/** Whether each real service whose key is set can be reached and takes the key. No key is ever printed. */
export async function checkServices(settings: Settings): Promise<Finding[]> {
  const { LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = settings;
  const checks = servicesToAsk(settings).map(probe);
  if (LIVEKIT_URL && LIVEKIT_API_KEY && LIVEKIT_API_SECRET && URL.canParse(LIVEKIT_URL)) {
    checks.push(probeLiveKit(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET));
  }
  return [...(await Promise.all(checks)), ...(await checkSigning(settings))];
}

/** Whether e-mail can be sent: the configuration, and a sign-in at the server. Sends nothing, prints no password. */
export async function checkMail(settings: Settings): Promise<Finding[]> {
  if (settings.SMTP_URL === undefined) {
    const words = 'No SMTP_URL: nobody gets receipts or gift codes by e-mail';
    return settings.ENVIRONMENT === 'production'
      ? [worthKnowing(words, 'Set it as .env.example explains.')]
      : [];
  }
  const mail = readMailSettings(settings);
  if ('problem' in mail) {
    return [bad(mail.problem, 'Payments work without it, but no notice is sent. See .env.example.')];
  }
  const problem = await findSmtpProblem(mail);
  const where = `${mail.host}:${mail.port}`;
  return problem === null
    ? [ok(`The mail server answers at ${where}`)]
    : [bad(`The mail server at ${where} cannot be used (${problem})`, 'Check SMTP_URL and the network.')];
}

/** Whether the queue of jobs can be worked. Does nothing there, prints no password. */
export async function checkQueue({ DATABASE_URL, SUPABASE_URL }: Settings): Promise<Finding[]> {
  if (DATABASE_URL === undefined) {
    // The local database has its own.
    if (SUPABASE_URL === undefined) return [];
    return [bad('No DATABASE_URL: jobs cannot be worked', 'Set it as .env.example explains.')];
  }
  if (!URL.canParse(DATABASE_URL)) return [];
  const { host } = new URL(DATABASE_URL);
  const problem = await findQueueProblem(DATABASE_URL);
  if (problem === null) return [ok(`The queue of jobs answers at ${host}`)];
  return [
    bad(
      `The queue of jobs at ${host} cannot be used (${problem})`,
      'Check DATABASE_URL; run: npx supabase db push --remote',
    ),
  ];
}
