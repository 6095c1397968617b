import { afterAll, beforeAll, expect, test } from 'vitest';
import { runDueInvoices, runInvoices } from '../../webhook-server/billing/run-invoices.ts';
import { writeInvoiceEmail } from '../../webhook-server/notices/invoice-emails.ts';
import { emailText } from '../../webhook-server/notices/render-email.ts';
import { unitAmountOf } from '../../webhook-server/payments/add-invoice-lines.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { at, HOUR, tenantWithClock } from './scene.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar({ webhooks: false, config: { STRIPE_AUTOMATIC_TAX: true } });
});
afterAll(() => sidecar.close());

test('PRO, 1,200 assets, 1.5 million credits: 10,600.00 before tax, in SQL, API, mail and at Stripe', async () => {
  const acme = await tenantWithClock(sidecar, { now: '2026-01-01T05:00:00Z', zone: 'America/Toronto' });
  const begun = await acme.begin('PRO', { start_date: '2026-01-01' });
  expect(begun).toMatchObject({
    status: 'active',
    plan_code: 'PRO',
    current_period_start: '2026-01-01T05:00:00.000Z',
    current_period_end: '2026-02-01T05:00:00.000Z',
  });
  const id = begun.subscription_id;
  expect((await acme.begin('PRO')).subscription_id).toBe(id);
  expect(codeOf(await acme.post('/subscriptions', { plan_code: 'STARTER' }))).toBe('purchase_closed');
  await acme.countAssets(1_200, '2026-01-01T04:00:00Z');
  await acme.burn(id, '2026-01-01T05:00:00Z', 1_500_000);
  await acme.advance('2026-02-01T05:00:00Z');
  // The hook, the hourly run and the run by hand, on several replicas at once.
  const run = () => runInvoices(sidecar.deps, id);
  const byHand = () => acme.post('/billing-invoice', { subscription_id: id });
  await Promise.all([acme.tell(), run(), run(), byHand(), runDueInvoices(sidecar.deps), run()]);
  await acme.advance('2026-02-01T06:00:00Z');
  await acme.tell('newest first');
  await run();
  const [first, second] = await acme.invoices();
  expect(first).toMatchObject({ status: 'paid', subtotal_cents: 900_000, tax_cents: 117_000 });
  expect(second).toMatchObject({
    ...{ status: 'paid', subtotal_cents: 1_060_000, tax_cents: 137_800, total_cents: 1_197_800 },
    breakdown: {
      base_cents: 900_000,
      assets_cents: 60_000,
      credits_cents: 100_000,
      gainshare_cents: 0,
      other_cents: 0,
    },
    period_start: '2026-02-01T05:00:00.000Z',
  });
  const theirs = await sidecar.stripe.invoices.retrieve(second?.id ?? '');
  expect([theirs.subtotal, theirs.total]).toEqual([1_060_000, 1_197_800]);
  expect(theirs.lines.data.map(({ quantity, amount }) => [quantity, amount])).toEqual([
    [1, 900_000],
    [200, 60_000],
    [500_000, 100_000],
  ]);
  const { body } = await byHand();
  expect(body).toMatchObject({ invoice_id: second?.id, subtotal_cad: 10_600, total_cad: 11_978 });
  const mail = await writeInvoiceEmail(sidecar.deps, {
    notice: 'invoice_paid',
    invoice_id: second?.id ?? '',
  });
  if (typeof mail === 'string') throw new Error(mail);
  expect([mail.to, emailText(mail.words, mail.email)]).toEqual([
    'bills@acme.example',
    expect.stringMatching(
      /CA\$600\.00[\s\S]*CA\$1,000\.00[\s\S]*Together before tax: CA\$10,600\.00[\s\S]*CA\$1,378\.00[\s\S]*CA\$11,978\.00/,
    ),
  ]);
  expect(await acme.mails()).toEqual(['invoice_paid', 'invoice_paid']);
  const [sum] = await sidecar.database
    .sql`select private.period_usage(${id}, '2026-01-01T05:00:00Z', '2026-02-01T05:00:00Z') as usage`;
  expect(sum?.usage.subtotal_cents).toBe(1_060_000);
  // Midnight in Toronto, though Stripe keeps to its hour of UTC.
  await acme.advance('2026-04-02T00:00:00Z');
  await acme.tell('newest first');
  expect(await acme.read(id)).toMatchObject({ current_period_start: '2026-04-01T04:00:00.000Z' });
});

test('a late hook loses nothing: it waits for the next invoice, and is a finding', async () => {
  const acme = await tenantWithClock(sidecar, { now: '2026-01-31T00:00:00Z' });
  const { subscription_id: id } = await acme.begin('PRO');
  await acme.countAssets(1_010, '2026-01-30T00:00:00Z');
  await acme.advance('2026-03-01T00:00:00Z');
  await acme.tell('newest first');
  await Promise.all([runDueInvoices(sidecar.deps), runDueInvoices(sidecar.deps), acme.tell()]);
  expect((await acme.invoices()).map(({ subtotal_cents }) => subtotal_cents)).toEqual([900_000, 900_000]);
  expect(await acme.findings()).toEqual(['late_invoice_line']);
  expect(await acme.read(id)).toMatchObject({
    current_period_start: '2026-02-28T00:00:00.000Z',
    waiting_lines: [{ part: 'assets', amount_cents: 3_000 }],
  });
  await acme.advance('2026-03-31T00:00:00Z');
  await acme.tell();
  await acme.advance('2026-03-31T01:00:00Z');
  await acme.tell();
  // Ten assets of February, and ten of March.
  expect((await acme.invoices()).at(-1)).toMatchObject({ status: 'paid', subtotal_cents: 906_000 });
  expect(await acme.read(id)).toMatchObject({ waiting_lines: [] });
});

test('a card that fails: late, told of at each try, and paid later; voided by hand is a finding', async () => {
  const acme = await tenantWithClock(sidecar, { now: '2026-01-10T00:00:00Z' });
  const { subscription_id: id } = await acme.begin('STARTER');
  await acme.pay('pm_card_chargeCustomerFail');
  await acme.advance('2026-02-10T02:00:00Z');
  await acme.tell('newest first');
  await acme.advance('2026-02-14T00:00:00Z');
  await acme.tell();
  expect([(await acme.read(id)).status, await acme.mails()]).toEqual([
    ...['past_due', ['invoice_paid', 'invoice_failed', 'invoice_failed']],
  ]);
  const open = (await acme.invoices())[1]?.id ?? '';
  const failed = await writeInvoiceEmail(sidecar.deps, { notice: 'invoice_failed', invoice_id: open });
  expect(typeof failed === 'string' ? failed : failed.email.paragraphs[0]).toContain(
    'tried again on 18 February 2026',
  );
  await acme.pay('pm_card_visa');
  await sidecar.stripe.invoices.pay(open);
  await acme.tell('newest first');
  expect([(await acme.read(id)).status, (await acme.invoices())[1]?.status]).toEqual(['active', 'paid']);
  const [paid] = await sidecar.database
    .sql`select granted_at is not null as granted from public.billing_invoices where id = ${open}`;
  expect(paid?.granted).toBe(true);
  const note = { invoice: open, amount: 45_200, refund_amount: 45_200 };
  await sidecar.stripe.creditNotes.create(note);
  await acme.pay('pm_card_chargeCustomerFail');
  await acme.advance('2026-03-10T02:00:00Z');
  await acme.tell();
  const third = (await acme.invoices())[2]?.id ?? '';
  await sidecar.stripe.invoices.voidInvoice(third);
  await acme.tell('newest first');
  expect([(await acme.invoices())[2]?.status, await acme.findings(), (await acme.mails()).slice(-2)]).toEqual(
    [...['void', ['invoice_void'], ['invoice_failed', 'invoice_void']]],
  );
  expect(await acme.mails()).toContain('invoice_credited');
});

test('a larger plan now comes to what its preview said; a smaller one waits for the period, and for what is in use', async () => {
  const acme = await tenantWithClock(sidecar, { now: '2026-01-01T00:00:00Z' });
  const { subscription_id: id } = await acme.begin('STARTER');
  await acme.advance('2026-01-11T07:31:00Z');
  const change = (path: string, body: object) => acme.post(`/subscriptions/${id}/${path}`, body);
  const preview = (await change('preview', { plan_code: 'PRO' })).body as {
    proration_date: number;
    total_cents: number;
  };
  await acme.advance('2026-01-11T09:00:00Z');
  const { proration_date } = preview;
  const changed = await change('change', { plan_code: 'PRO', proration_date });
  await acme.tell('newest first');
  expect([changed.body, (await acme.invoices())[1]]).toMatchObject([
    { plan_code: 'PRO' },
    {
      status: 'paid',
      total_cents: preview.total_cents,
      subtotal_cents: Math.round(preview.total_cents / 1.13),
    },
  ]);
  await acme.countAssets(300, '2026-01-12T00:00:00Z', { a: 150, b: 150 });
  const blocked = await change('change', { plan_code: 'STARTER' });
  expect([codeOf(blocked), (await change('preview', { plan_code: 'STARTER' })).body]).toMatchObject([
    'plan_too_small',
    {
      direction: 'downgrade',
      blockers: [
        { what: 'assets', has: 300, allows: 200 },
        { what: 'sites', has: 2, allows: 1 },
      ],
    },
  ]);
  await acme.countAssets(150, '2026-01-13T00:00:00Z', { a: 150 });
  expect((await change('change', { plan_code: 'STARTER' })).body).toMatchObject({
    plan_code: 'PRO',
    next_plan_code: 'STARTER',
  });
  expect(codeOf(await change('change', { plan_code: 'ENTERPRISE' }))).toBe('too_late');
  expect((await change('keep', {})).body).toMatchObject({ plan_code: 'PRO', next_plan_code: null });
  await change('change', { plan_code: 'STARTER' });
  await acme.tell();
  expect(await acme.read(id)).toMatchObject({ plan_code: 'PRO', next_plan_code: 'STARTER' });
  await acme.advance('2026-02-01T02:00:00Z');
  await acme.tell('newest first');
  expect(await acme.read(id)).toMatchObject({ plan_code: 'STARTER', next_plan_code: null });
  expect((await acme.invoices()).at(-1)?.subtotal_cents).toBe(400_000);
});

test('what nobody pays for is not changed', async () => {
  const acme = await tenantWithClock(sidecar, { now: '2026-01-01T00:00:00Z' });
  const { subscription_id: id } = await acme.begin('STARTER');
  await acme.pay('pm_card_chargeCustomerFail');
  await acme.advance('2026-01-11T00:00:00Z');
  const answer = await acme.post(`/subscriptions/${id}/change`, { plan_code: 'ENTERPRISE' });
  expect(answer.body).toMatchObject({
    plan_code: 'STARTER',
    status: 'active',
    hosted_invoice_url: expect.any(String),
  });
  await acme.advance('2026-01-12T00:00:00Z');
  await acme.tell();
  expect([(await acme.read(id)).plan_code, (await acme.invoices())[1]?.status]).toEqual(['STARTER', 'void']);
});

test('an approved fee is on the next invoice once; it cannot be disputed any more', async () => {
  const { sql } = sidecar.database;
  const acme = await tenantWithClock(sidecar, { now: '2026-01-01T00:00:00Z' });
  const { subscription_id: id } = await acme.begin('STARTER');
  const operator = await sidecar.database.signUp();
  await sql`update public.users set role = 'operator' where id = ${operator.id}`;
  const ask = (path: string, body: object) =>
    sidecar.post(path, { person: operator, body: { tenant_id: acme.tenantId, ...body } });
  const period = { period_start: '2025-01-01', period_end: '2025-12-31' };
  const baseline = {
    metric: 'availability',
    baseline_value: 86,
    cost_per_unit: 25_000,
    effective_from: '2025-01-01',
  };
  expect((await ask('/kpi-baselines', baseline)).status).toBe(201);
  await ask('/kpi-actuals', { metric: 'availability', value: 90, ...period });
  const run = (await ask('/billing-gainshare', { ...period, share_pct: 15 })).body as Record<string, string>;
  expect(run).toMatchObject({
    calculated_savings_cad: 2_500_000,
    share_pct: 15,
    fee_cad: 375_000,
    status: 'pending_approval',
  });
  expect(codeOf(await acme.post('/billing-gainshare', { ...period, share_pct: 15 }))).toBe('forbidden');
  await acme.advance('2026-02-01T02:00:00Z');
  await acme.tell();
  // Silence is no consent.
  expect((await acme.invoices()).at(-1)?.breakdown.gainshare_cents).toBe(0);
  const decide = (decision: string, more: object = {}) =>
    sidecar.post(`/gainshare-runs/${run.gainshare_run_id}/decision`, {
      person: acme.owner,
      body: { decision, snapshot_hash: run.snapshot_hash, ...more },
    });
  expect((await decide('approve')).body).toMatchObject({ status: 'approved' });
  await acme.advance('2026-03-01T00:00:00Z');
  await Promise.all([acme.tell(), runInvoices(sidecar.deps, id), runInvoices(sidecar.deps, id)]);
  expect(codeOf(await decide('dispute', { reason: 'Too late.' }))).toBe('too_late');
  await acme.advance('2026-03-01T02:00:00Z');
  await acme.tell('newest first');
  const last = (await acme.invoices()).at(-1);
  expect(last).toMatchObject({ subtotal_cents: 37_900_000, breakdown: { gainshare_cents: 37_500_000 } });
  const list = await sidecar.get(`/gainshare-runs?tenant_id=${acme.tenantId}`, { person: acme.owner });
  expect(list.body).toMatchObject({ runs: [{ status: 'invoiced', invoice_id: last?.id }] });
});

test('what a subscription used before it ended is an invoice of its own, once', async () => {
  const acme = await tenantWithClock(sidecar, { now: '2026-01-01T00:00:00Z' });
  const { subscription_id: id } = await acme.begin('PRO');
  await acme.countAssets(1_100, '2025-12-31T00:00:00Z');
  expect((await acme.post(`/subscriptions/${id}/cancel`)).body).toMatchObject({
    cancel_at: '2026-02-01T00:00:00.000Z',
  });
  expect((await acme.post(`/subscriptions/${id}/resume`)).body).toMatchObject({ cancel_at: null });
  await acme.post(`/subscriptions/${id}/cancel`);
  await acme.advance('2026-02-01T02:00:00Z');
  await acme.tell();
  expect(await acme.read(id)).toMatchObject({ status: 'canceled', ended_at: '2026-02-01T00:00:00.000Z' });
  await Promise.all([
    runDueInvoices(sidecar.deps),
    runInvoices(sidecar.deps, id),
    runInvoices(sidecar.deps, id),
  ]);
  await acme.advance('2026-02-02T02:00:00Z');
  await acme.tell('newest first');
  await runDueInvoices(sidecar.deps);
  expect((await acme.invoices()).map(({ status, subtotal_cents }) => [status, subtotal_cents])).toEqual([
    ['paid', 900_000],
    ['paid', 30_000],
  ]);
  expect(await acme.findings()).toEqual([]);
  expect((await acme.begin('STARTER')).status).toBe('active');
});

test('a trial, once; paused gives back, and resumed begins anew; without a card there is a page to pay on', async () => {
  const acme = await tenantWithClock(sidecar, { now: '2026-01-01T00:00:00Z' });
  const trial = await acme.begin('PRO', { trial: true });
  expect(trial).toMatchObject({ status: 'trialing', trial_end: '2026-01-15T00:00:00.000Z' });
  const id = trial.subscription_id;
  await acme.advance('2026-01-15T02:00:00Z');
  await acme.tell();
  expect(await acme.read(id)).toMatchObject({
    status: 'active',
    current_period_end: '2026-02-15T00:00:00.000Z',
  });
  await acme.advance('2026-01-20T00:00:00Z');
  expect((await acme.post(`/subscriptions/${id}/pause`)).body).toMatchObject({ status: 'paused' });
  await acme.advance('2026-03-20T12:34:56Z');
  expect((await acme.post(`/subscriptions/${id}/resume`)).body).toMatchObject({
    status: 'active',
    current_period_start: '2026-03-20T12:34:56.000Z',
  });
  await acme.tell('newest first');
  const paid = (await acme.invoices()).map(({ subtotal_cents }) => subtotal_cents);
  // Its credits were given: the rest of what was paused is not given back.
  expect(paid.slice(0, 3)).toEqual([0, 900_000, 900_000]);
  await acme.post(`/subscriptions/${id}/cancel`, { at: 'now' });
  expect(codeOf(await acme.post('/subscriptions', { plan_code: 'PRO', trial: true }))).toBe(
    'invalid_request',
  );
  const poor = await tenantWithClock(sidecar, { now: '2026-01-01T00:00:00Z', card: '' });
  expect(await poor.begin('PRO')).toMatchObject({
    status: 'incomplete',
    hosted_invoice_url: expect.any(String),
  });
  expect((await poor.begin('STARTER', { start_date: '2027-01-01' })).error).toMatchObject({
    code: 'purchase_closed',
  });
});

test('where a day begins at Stripe: the same day in every zone, in summer and in winter', async () => {
  const { sql } = sidecar.database;
  const zones = [
    ['America/Toronto', 5, '2026-07-01T04:00:00Z'],
    ['America/St_Johns', 4, '2026-07-01T02:30:00Z'],
    ['Europe/Berlin', 0, '2026-06-30T22:00:00Z'],
    ['Pacific/Auckland', 0, '2026-06-30T12:00:00Z'],
    ['UTC', 0, '2026-07-01T00:00:00Z'],
  ] as const;
  for (const [zone, hour, midnight] of zones) {
    const [row] = await sql`select private.anchor_hour(${zone}) as hour,
      private.local_moment('2026-07-01T00:00:00Z'::timestamptz + make_interval(hours => ${hour}), ${zone}, ${hour}) = ${midnight}::timestamptz as is_midnight,
      private.local_moment('2026-07-01T11:22:33Z', ${zone}, ${hour}) = '2026-07-01T11:22:33Z' as is_kept`;
    expect([zone, row?.hour, row?.is_midnight, row?.is_kept]).toEqual([zone, hour, true, true]);
  }
  const acme = await tenantWithClock(sidecar, { now: '2026-01-31T02:00:00Z', zone: 'Pacific/Auckland' });
  expect(await acme.begin('PRO')).toMatchObject({
    current_period_start: '2026-01-30T11:00:00.000Z',
    current_period_end: '2026-02-27T11:00:00.000Z',
  });
  expect(codeOf(await acme.post('/subscriptions', { plan_code: 'NONE' }))).toBe('not_found');
});

test('a price below a cent, and one of a currency without cents', () => {
  expect([
    unitAmountOf(3_000_000, 'cad'),
    unitAmountOf(2_000, 'cad'),
    unitAmountOf(1, 'cad'),
    unitAmountOf(1_500_000, 'jpy'),
    unitAmountOf(0, 'jpy'),
  ]).toEqual(['300', '0.2', '0.0001', '1.5', '0']);
});

test('a plan in a currency without cents: half a yen more is rounded once', async () => {
  await sidecar.database
    .sql`insert into public.plans (id, line, name, kind, currency, base_price_cents, included_assets, included_credits,
      asset_price_micros, credit_price_micros, trial_days, assets_billed_by)
    values ('credits_yen', 'credits', 'Yen', 'credits', 'jpy', 100000, 10, 1000, 1500000, 2000, 0, 'latest')`;
  const acme = await tenantWithClock(sidecar, { now: '2026-01-01T00:00:00Z' });
  await acme.begin('YEN', { address: { country: 'JP' } });
  await acme.countAssets(23, '2026-01-02T00:00:00Z');
  await acme.advance('2026-02-01T00:00:00Z');
  await acme.tell();
  await acme.advance('2026-02-01T01:00:00Z');
  await acme.tell('newest first');
  // 13 × 1.5 are 19.5 yen.
  const [said] = await sidecar.database
    .sql`select private.period_usage(id, '2026-01-01', '2026-02-01') as usage
    from public.subscriptions where plan_id = 'credits_yen'`;
  expect(said?.usage).toMatchObject({ subtotal_cents: 100_020, assets: { extra: 13, cents: 20 } });
  expect(said?.usage.chain.at(-1)).toBe('Together before tax: 100,020 JPY');
  expect((await acme.invoices()).at(-1)).toMatchObject({
    subtotal_cents: 100_020,
    tax_cents: 10_002,
    status: 'paid',
  });
});

test('an older look changes nothing, and what is of nobody is left alone', async () => {
  const acme = await tenantWithClock(sidecar, { now: '2026-01-01T00:00:00Z' });
  await acme.begin('STARTER');
  const [invoice] = await acme.invoices();
  const look = (change: object, readAt: string) =>
    sidecar.database.service.rpc('apply_invoice', {
      p_invoice: {
        ...{
          id: invoice?.id,
          customer: acme.customer,
          status: 'open',
          currency: 'cad',
          subtotal: 1,
          tax: 0,
          total: 1,
        },
        ...{ amount_due: 1, amount_paid: 0, lines: [], created_at: '2026-01-01T00:00:00Z' },
        ...change,
      } as never,
      p_read_at: readAt,
    });
  expect((await look({}, '2026-01-01T00:00:00Z')).data).toEqual({ status: 'older_look' });
  const now = new Date().toISOString();
  expect((await look({ id: 'in_x', customer: 'cus_x' }, now)).data).toEqual({ status: 'not_ours' });
  expect((await look({ total: 2 }, now)).data).toEqual({ status: 'malformed' });
  expect((await acme.invoices())[0]?.status).toBe('paid');
  expect(at('1970-01-01T01:00:00Z')).toBe(HOUR);
});
