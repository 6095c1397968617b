import { createClient } from '@supabase/supabase-js';
import { z } from 'zod';
import { type Person, until } from '../customer/ask-sidecar.ts';
import type { StatusDocument } from '../supervisor/state-file.ts';

const receiptSchema = z.object({
  call_id: z.uuid(),
  end_reason: z.string(),
  settled_by: z.string(),
  used_ms: z.int(),
  restored_ms: z.int(),
  charged_seconds: z.int(),
  rounding: z.string(),
  balance_seconds: z.int(),
  windows: z.array(z.object({ reason: z.string(), billed: z.boolean(), from_ms: z.int(), to_ms: z.int() })),
  cards: z.array(
    z.object({ card_id: z.uuid(), source: z.string(), seconds: z.int(), remaining_seconds: z.int() }),
  ),
});

export type Receipt = z.infer<typeof receiptSchema>;

/** Waits until the person's only call is settled, and audits the books. */
export async function readReceipt(status: StatusDocument, person: Person) {
  const options = { auth: { persistSession: false, autoRefreshToken: false } };
  const service = createClient(status.supabase.url, status.supabase.secret_key ?? '', options);
  const receipt = await until('The settlement', async () => {
    const { data, error } = await service
      .from('voice_sessions')
      .select('receipt')
      .eq('user_id', person.id)
      .eq('status', 'settled')
      .maybeSingle();
    if (error) throw error;
    return data ? receiptSchema.parse(data.receipt) : undefined;
  });
  const { data: violations, error } = await service.rpc('audit_invariants');
  if (error) throw error;
  return { receipt, violations: z.array(z.unknown()).parse(violations) };
}

/** The receipt as lines of text. */
export function receiptLines(receipt: Receipt): string[] {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1).padStart(7)} s`;
  return [
    `Call ${receipt.call_id}, ended: ${receipt.end_reason}, settled by the ${receipt.settled_by}`,
    ...receipt.windows.map(
      ({ reason, billed, from_ms, to_ms }) =>
        `  ${seconds(from_ms)} to ${seconds(to_ms)}   ${billed ? 'billed' : 'free  '}   ${reason}`,
    ),
    `  used ${receipt.used_ms - receipt.restored_ms} ms, rounded ${receipt.rounding}: ${receipt.charged_seconds} s`,
    ...receipt.cards.map(
      (card) =>
        `  from the ${card.source} card ${card.card_id.slice(0, 8)}: ${card.seconds} s, ${card.remaining_seconds} s left on it`,
    ),
    `  balance ${receipt.balance_seconds} s`,
  ];
}
