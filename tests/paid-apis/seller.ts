import { once } from 'node:events';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import type postgres from 'postgres';
import { closing } from '../support/closing.ts';

export type Seller = {
  origin: string;
  /** What was asked, the latest last. */
  requests: { path: string; headers: Record<string, unknown>; body: string }[];
  close(): Promise<void>;
};

const TEN_MEGABYTES = Buffer.alloc(10_000_000, 0x20);

/** A seller's API of this machine that behaves as its path says: rightly, slowly, wrongly, without end, or as a thief. */
export async function startSeller(databaseUrl = 'http://127.0.0.1:5432/'): Promise<Seller> {
  const requests: Seller['requests'] = [];
  const bomb = gzipSync(TEN_MEGABYTES);
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = request.url ?? '';
    requests.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString() });
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const [, what] = path.split(/[/?]/);
    if (what === 'slow') setTimeout(() => json(200, { late: true }), 5_000).unref();
    else if (what === 'wrong') json(200, { temperature: 'warm' });
    else if (what === 'words') response.end('<html>not JSON</html>');
    else if (what === 'broken') json(500, { error: 'no' });
    else if (what === 'refused') json(404, { error: 'no such city' });
    else if (what === 'big') response.writeHead(200).end(TEN_MEGABYTES);
    else if (what === 'bomb') response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    else if (what === 'redirect') response.writeHead(302, { location: databaseUrl }).end();
    else if (what === 'hangup') request.socket.destroy();
    else json(200, { temperature: 21.5, city: 'Oslo' });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
export const sellerFixture = closing(() => startSeller());

export const WEATHER = {
  type: 'object',
  properties: { temperature: { type: 'number' } },
  required: ['temperature'],
};

/** A product of somebody, or of the house, at a path of the seller's server. @returns its id */
export async function addProduct(
  sql: postgres.ISql,
  {
    origin,
    path,
    ...more
  }: { origin: string; path: string; seller_id?: string | null } & Record<string, unknown>,
): Promise<string> {
  const { seller_id: sellerId = null, ...product } = more;
  const described = {
    name: path.replace(/\W/g, '_').replace(/^_*/, ''),
    price_per_call: 0.1,
    api_endpoint: `${origin}/${path}`,
    status: 'active',
    timeout_ms: 1500,
    parameters: { type: 'object', properties: { city: { type: 'string' } }, additionalProperties: false },
    response_schema: WEATHER,
    ...product,
  };
  const [row] =
    await sql`select save_api_product(null, ${sellerId}, null, ${sql.json(described as never)}) as answer`;
  if (row?.answer.status !== 'saved') throw new Error(JSON.stringify(row?.answer));
  return row.answer.product.id;
}
