import { z } from 'zod';
import { type assetSnapshotRequest, assetSnapshotResponse } from '../../shared/api/credits.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { Fault } from '../../shared/errors.ts';

const REFUSALS = ['malformed', 'out_of_range', 'sites_exceed_count', 'unknown_tenant', 'key_reused'] as const;
const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('recorded'), snapshot: assetSnapshotResponse }),
  z.object({ status: z.literal('recorded_before') }),
  z.object({ status: z.enum(REFUSALS) }),
]);

const WORDS = {
  malformed: 'The counts are malformed.',
  out_of_range: 'captured_at: must be within the last 400 days',
  sites_exceed_count: 'site_breakdown: its sites have more assets than there are in all',
};

function refuse(status: (typeof REFUSALS)[number], where = ''): never {
  if (status === 'unknown_tenant') throw new Fault('not_found', 'There is no tenant with this id.');
  if (status === 'key_reused')
    throw new Fault('idempotency_key_reused', 'This key names another count. Use a new one for each.');
  throw new Fault('invalid_request', where + WORDS[status]);
}

type Snapshot = Omit<z.output<typeof assetSnapshotRequest>, 'tenant_id'> & { key?: string | undefined };

/**
 * Writes down how many assets a tenant has.
 * @throws Fault `invalid_request`, `not_found`, `idempotency_key_reused`, `database_unavailable`
 */
export async function recordAssets(
  database: DatabaseClient,
  tenantId: string,
  { asset_count, site_breakdown = {}, captured_at, key }: Snapshot,
): Promise<z.output<typeof assetSnapshotResponse>> {
  const args = {
    p_tenant_id: tenantId,
    p_asset_count: asset_count,
    p_site_breakdown: site_breakdown,
    p_captured_at: (captured_at ?? null) as string,
    p_source: 'api',
    p_key: (key ?? null) as string,
  };
  const answer = await callFunction(database, 'record_assets', args, answerSchema);
  if (answer.status === 'recorded') return answer.snapshot;
  if (answer.status === 'recorded_before') throw new Error('record_assets answers no such status');
  return refuse(answer.status);
}

/** How many assets a site had in a night (a date of the tenant's zone). */
type SiteCount = { night: string; site: string; assets: number };

const MOST_LINES = 20_000;
const LINE = /^(\d{4}-\d\d-\d\d),("?)([A-Za-z0-9][A-Za-z0-9 _.:/-]{0,63})\2,(\d{1,8})$/;

/** The counts in a table of `night,site,asset_count`. @throws Fault `invalid_request` naming the line that is wrong */
function parseAssetTable(text: string): SiteCount[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const counts: SiteCount[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '' || (index === 0 && line.trim() === 'night,site,asset_count')) continue;
    const [, night, , site, assets] = LINE.exec(line.trim()) ?? [];
    const isDate = night !== undefined && z.iso.date().safeParse(night).success;
    if (!isDate || site === undefined)
      throw new Fault('invalid_request', `line ${index + 1}: must be night,site,asset_count`);
    counts.push({ night, site, assets: Number(assets) });
  }
  if (counts.length > MOST_LINES) throw new Fault('invalid_request', `At most ${MOST_LINES} lines at once.`);
  return counts;
}

/** @returns whether it is new: of each night and site there is one count */
async function recordSite(
  database: DatabaseClient,
  tenantId: string,
  { night, site, assets }: SiteCount,
): Promise<boolean> {
  const args = {
    p_tenant_id: tenantId,
    p_site: site,
    p_asset_count: assets,
    p_night: night,
    p_source: 'csv',
  };
  const answer = await callFunction(database, 'record_site_assets', args, answerSchema);
  if (answer.status === 'recorded') return true;
  if (answer.status === 'recorded_before') return false;
  return refuse(answer.status, `${night}, ${site}: `);
}

/**
 * Writes down counts of sites, in the order of their nights. Harmless to repeat, also where it broke off.
 * @throws Fault `invalid_request`, `not_found`, `database_unavailable`
 */
export async function importAssets(
  database: DatabaseClient,
  tenantId: string,
  text: string,
): Promise<{ recorded: number; recorded_before: number }> {
  const counts = parseAssetTable(text).toSorted((a, b) =>
    a.night < b.night ? -1 : a.night > b.night ? 1 : 0,
  );
  let recorded = 0;
  for (const count of counts) if (await recordSite(database, tenantId, count)) recorded++;
  return { recorded, recorded_before: counts.length - recorded };
}
