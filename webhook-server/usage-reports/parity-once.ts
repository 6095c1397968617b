import { z } from 'zod';
import type { SidecarConfig } from '../../shared/config/variables.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { dependenciesOfCommand } from '../payments/reconcile-once.ts';
import { type Compared, compareUsage } from './compare-usage.ts';

const owedSchema = z.object({ status: z.literal('owed'), owed: z.int() });
const figuresSchema = z.record(z.string(), z.int());

/**
 * By hand: holds our sums of usage against the meters', and owes again what was refused, if asked to. Harmless beside a running
 * sidecar.
 * @throws Fault `payment_provider_unavailable`, `database_unavailable`
 */
export async function parityOnce(
  config: SidecarConfig,
  { days, retry }: { days: number; retry: boolean },
): Promise<{ same: number; differences: Compared[]; figures: Record<string, number>; owed_again: number }> {
  const deps = dependenciesOfCommand(config);
  const again = retry
    ? await callFunction(deps.database, 'retry_refused_meter_events', {}, owedSchema)
    : { owed: 0 };
  const compared = await compareUsage(deps, { days });
  const differences = compared.filter(({ explanation }) => explanation !== 'same');
  return {
    same: compared.length - differences.length,
    differences,
    figures: await callFunction(deps.database, 'usage_report_figures', {}, figuresSchema),
    owed_again: again.owed,
  };
}
