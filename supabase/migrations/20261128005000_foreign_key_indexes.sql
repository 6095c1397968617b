-- Each foreign key has an index that begins with its columns: else deleting or looking up what it points to reads the
-- whole table, and the advisors of hosted projects say so. tests/schema/foreign-keys.test.ts finds one that is missing.

-- These two begin with the whole key now; the unit of an account never changes, so renewals stay as narrow as they were.
drop index public.holds_by_account;
create index holds_by_account on public.holds (account_id, unit);
drop index public.ledger_by_account;
create index ledger_by_account on public.ledger (account_id, unit, created_at) include (reason, amount);

create index ledger_by_grant on public.ledger (grant_id);
create index ledger_by_call on public.ledger (call_id);
create index grants_by_account on public.grants (account_id, unit);
drop index public.grants_by_purchaser;
create index grants_by_purchaser on public.grants (purchaser_id, source);
create index grants_by_package on public.grants (package_id);
create index purchases_by_package on public.purchases (package_id);
create index operator_acts_by_operator on public.operator_acts (operator_id);
create index operator_refunds_by_purchase on public.operator_refunds (purchase_id);
create index operator_refunds_by_operator on public.operator_refunds (operator_id);
create index code_batches_by_package on public.code_batches (package_id);
create index code_batches_by_operator on public.code_batches (operator_id);
create index code_batches_by_exporter on public.code_batches (exported_by);
create index code_batches_by_revoker on public.code_batches (revoked_by);
create index goodwill_grants_by_operator on public.goodwill_grants (operator_id);
create index caller_memories_by_call on public.caller_memories (call_id);
create index auto_top_ups_by_package on private.auto_top_ups (package_id);

-- What operators list, and what the comparison with Stripe reads, without reading everything else.
create index purchases_paid on public.purchases (created_at) where status = 'succeeded';
create index purchases_in_review on public.purchases (created_at) where status = 'review';
create index purchases_without_intent on public.purchases (created_at) where payment_intent_id is null;
create index stripe_events_by_status on public.stripe_events (status, received_at desc);
create index stripe_events_half_applied on public.stripe_events (id) where outcome = 'applying';
create index reconciliation_findings_seen on public.reconciliation_findings (last_seen_at desc);
