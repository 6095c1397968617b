import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { Agent, type Dispatcher, request } from 'undici';
import { isPublicAddress } from './public-address.ts';

/** Why there is no answer: none of them is charged. */
type Refusal = 'timeout' | 'unreachable' | 'unsafe' | 'redirect' | 'too_big' | 'bad_answer';
type Fetched = { status: number; bytes: number; text: string } | { refusal: Refusal };

type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export type GuardedFetch = (
  url: URL,
  options: {
    method: string;
    headers: Record<string, string>;
    body?: string | undefined;
    timeoutMs: number;
    maxBytes: number;
  },
) => Promise<Fetched>;

class UnsafeAddress extends Error {}

const UNPACK = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
} as const;

/** Reads no more than it may: whoever sends without end is hung up on. @returns undefined where it is more */
async function readBody(
  body: Dispatcher.ResponseData['body'],
  maxBytes: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @returns undefined where it is more than it may be, however small it was when it came */
async function unpacked(
  packed: Buffer,
  encoding: string,
  maxBytes: number,
): Promise<Buffer | undefined | 'bad_answer'> {
  if (encoding === '' || encoding === 'identity') return packed;
  const unpack = UNPACK[encoding as keyof typeof UNPACK];
  if (unpack === undefined) return 'bad_answer';
  try {
    return await unpack(packed, { maxOutputLength: maxBytes });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? undefined : 'bad_answer';
  }
}

function refusalOf(error: unknown): Refusal {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof UnsafeAddress) return 'unsafe';
    if (cause.name === 'TimeoutError' || cause.name === 'AbortError') return 'timeout';
    if (/^UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT$/.test((cause as NodeJS.ErrnoException).code ?? ''))
      return 'timeout';
  }
  return 'unreachable';
}

/**
 * Asks servers that anybody may name, and never one of ours: only https, at public addresses. The address that was
 * looked at is the one that is connected to, so a name that changes its address in between gains nothing; redirects are
 * refused, and time and size are bounded, also of what was packed.
 * @param allowedOrigins are asked all the same, by http too: stand-ins of this machine
 */
export function createGuardedFetch({
  allowedOrigins = [],
  resolve = lookup as Resolve,
}: {
  allowedOrigins?: readonly string[];
  resolve?: Resolve;
} = {}): GuardedFetch {
  const pinned = new Agent({
    // A connection that is kept was looked at when it was made, and is to that address.
    connect: {
      lookup(hostname, options, callback) {
        resolve(hostname, { ...options, all: true }, (error, addresses) => {
          if (error) return callback(error, '', 4);
          const [first] = addresses;
          if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
            return callback(new UnsafeAddress(`${hostname} is not on the public internet`), '', 4);
          }
          if (options.all) return callback(null, addresses);
          callback(null, first.address, first.family);
        });
      },
    },
  });
  const open = new Agent();
  return async (url, { method, headers, body, timeoutMs, maxBytes }) => {
    const isAllowed = allowedOrigins.includes(url.origin);
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    // An address in the place of a name is never resolved: it is looked at here.
    const isUnsafe = url.protocol !== 'https:' || (isIP(literal) !== 0 && !isPublicAddress(literal));
    if (url.username !== '' || url.password !== '' || (isUnsafe && !isAllowed)) return { refusal: 'unsafe' };
    try {
      const answer = await request(url, {
        method: method as Dispatcher.HttpMethod,
        headers: { 'accept-encoding': 'gzip, identity', ...headers },
        ...(body !== undefined && { body }),
        dispatcher: isAllowed ? open : pinned,
        signal: AbortSignal.timeout(timeoutMs),
      });
      const { statusCode: status } = answer;
      const given = async (refusal: Refusal): Promise<Fetched> => {
        answer.body.on('error', () => undefined).destroy();
        return { refusal };
      };
      if (status >= 300 && status < 400) return given('redirect');
      const packed = await readBody(answer.body, maxBytes);
      if (packed === undefined) return given('too_big');
      const encoding = String(answer.headers['content-encoding'] ?? '')
        .trim()
        .toLowerCase();
      const plain = await unpacked(packed, encoding, maxBytes);
      if (plain === undefined) return { refusal: 'too_big' };
      if (plain === 'bad_answer') return { refusal: 'bad_answer' };
      return { status, bytes: plain.length, text: plain.toString('utf8') };
    } catch (error) {
      return { refusal: refusalOf(error) };
    }
  };
}
